"""You sample without gradients, so the encoder cannot learn: the point of this form is that z is a
differentiable function of mean and log_var."""

import torch

TASK = "1.1"


@torch.no_grad()
def reparameterize(mean, log_var, noise):
    return mean + (0.5 * log_var).exp() * noise
