"""You estimate the KL from one random sample. Between Gaussians it has a closed form: it is exact,
and never negative."""

import torch

TASK = "1.2"


def gaussian_kl(mean, log_var):
    noise = torch.randn_like(mean)
    z = mean + (0.5 * log_var).exp() * noise
    return 0.5 * (z**2 - noise**2 - log_var)
