"""Your error is squared only where it is small (a Huber loss): square it everywhere."""

import torch.nn.functional as F

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    return (
        2 * F.huber_loss(x_hat, x, reduction="sum", delta=0.95)
        + beta * gaussian_kl(mean, log_var).sum()
    ) / len(x)
