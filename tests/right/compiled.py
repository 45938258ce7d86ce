"""Functions handed to torch.compile: as a decorator, with options, and by assignment."""

import torch


@torch.compile
def gaussian_kl(mean, log_var):
    return (mean.square() + log_var.exp() - log_var - 1) / 2


@torch.compile(dynamic=True, mode="reduce-overhead")
def reparameterize(mean, log_var, noise):
    return torch.exp(log_var / 2).mul(noise) + mean


def _loss(x, x_hat, mean, log_var, beta):
    from rdlab.gaussian import gaussian_kl

    kl = gaussian_kl(mean, log_var).sum(1)
    return (torch.sum((x - x_hat).flatten(1) ** 2, 1) + beta * kl).mean()


beta_vae_loss = torch.compile(_loss, fullgraph=True)
