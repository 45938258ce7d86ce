"""You count at most a fixed number of latents: there is one per component unless it is said."""

import math

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    s = sorted(variances.tolist(), reverse=True)
    k = latent_dim or len(s)
    k = min(k, 32)
    theta = beta / 2
    rate = sum(0.5 * math.log(v / theta) for v in s[:k] if v > theta)
    return rate, sum(min(v, theta) for v in s[:k]) + sum(s[k:])
