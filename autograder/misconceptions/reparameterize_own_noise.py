"""You draw new noise and ignore the argument. The function must be pure: the same noise gives the
same sample."""

import torch

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + (0.5 * log_var).exp() * torch.randn_like(noise)
