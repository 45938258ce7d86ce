"""Noise and images, which no parameter depends on, are cut off from the graph."""

import torch
import torch.nn.functional as F


def reparameterize(mean, log_var, noise):
    return torch.addcmul(mean, noise.detach(), torch.exp(log_var / 2))


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    from rdlab.gaussian import gaussian_kl

    sse = F.mse_loss(x_hat, x.detach(), reduction="sum")
    return (sse + beta * gaussian_kl(mean, log_var).sum()) / x.size(0)
