"""You turn log_var into σ by a softplus; here log_var is the natural logarithm of the variance, and
only its exact inverse gives σ."""

import torch.nn.functional as F

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + F.softplus(log_var) * noise
