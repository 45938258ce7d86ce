"""Images flattened by view, the KL in the form of the original paper's code."""

import torch


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    b = x.shape[0]
    d = (x.view(b, -1) - x_hat.view(b, -1)) ** 2
    kl = -0.5 * torch.sum(1 + log_var - mean**2 - torch.exp(log_var), dim=-1)
    return torch.mean(torch.sum(d, dim=-1) + beta * kl, dim=0)
