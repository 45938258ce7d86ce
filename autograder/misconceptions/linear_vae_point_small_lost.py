"""You lose the distortion of small components that are not coded: they add up too."""

import math

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    s = sorted(variances.tolist(), reverse=True)
    k = len(s) if latent_dim is None else latent_dim
    theta = beta / 2
    rate = sum(0.5 * math.log(v / theta) for v in s[:k] if v > theta)
    return rate, sum(min(v, theta) for v in s[:k]) + sum(v for v in s[k:] if v > 1e-2)
