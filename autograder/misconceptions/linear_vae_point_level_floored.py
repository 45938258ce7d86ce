"""You keep the water level above a small number: at a low β everything is coded more finely."""

import math

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    s = sorted(variances.tolist(), reverse=True)
    k = len(s) if latent_dim is None else latent_dim
    theta = max(beta / 2, 0.01)
    rate = sum(0.5 * math.log(v / theta) for v in s[:k] if v > theta)
    return rate, sum(min(v, theta) for v in s[:k]) + sum(s[k:])
