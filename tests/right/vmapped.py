"""torch.vmap over images, scores and points."""

import math

import torch


def gaussian_kl(mean, log_var):
    def one(m, v):
        return (m * m + v.exp() - 1 - v) / 2

    return torch.vmap(one)(mean.reshape(-1), log_var.reshape(-1)).reshape(mean.shape)


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    def one(image, copy, m, v):
        return (image - copy).square().sum() + beta * gaussian_kl(m, v).sum()

    return torch.vmap(one)(x, x_hat, mean, log_var).mean()


def interpolate(z_start, z_end, steps):
    share = torch.linspace(0, 1, steps, dtype=z_start.dtype)
    return torch.vmap(lambda t: torch.lerp(z_start, z_end, t))(share)


def traverse(z, dimension, values):
    place = torch.arange(len(z)) == dimension
    return torch.vmap(lambda value: torch.where(place, value, z))(values)


def info_nce_bound(scores):
    def one(row, i):
        return row.gather(0, i.reshape(1))[0] - row.logsumexp(0)

    k = scores.shape[0]
    return torch.vmap(one)(scores, torch.arange(k)).mean() + math.log(k)
