"""Relative and star imports, and a loss image by image."""

import rdlab.gaussian as rg

from .lab.errors import *  # noqa: F403
from .rate_distortion import *  # noqa: F403


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    per_image = [
        (a - b).pow(2).sum() + beta * rg.gaussian_kl(m[None], v[None]).sum()
        for a, b, m, v in zip(x, x_hat, mean, log_var, strict=False)
    ]
    return sum(per_image) / len(per_image)
