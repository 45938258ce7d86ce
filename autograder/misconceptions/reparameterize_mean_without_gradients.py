"""You return the mean where no gradients are recorded. A sample is a sample in evaluation,
too: add σ times the noise there as well."""

import torch

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    if not torch.is_grad_enabled():
        return mean
    return mean + (0.5 * log_var).exp() * noise
