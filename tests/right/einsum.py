"""Sums and covariances written as einsum."""

import torch


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    error = (x - x_hat).reshape(len(x), -1)
    distortion = torch.einsum("bn,bn->b", error, error)
    kl = torch.einsum("bd,bd->b", mean, mean) + torch.einsum("bd->b", log_var.exp() - log_var - 1)
    return torch.einsum("b->", distortion + beta / 2 * kl) / len(x)


def covariance_spectrum(x):
    x = x.reshape(len(x), -1)
    centred = x - torch.einsum("ij->j", x) / len(x)
    if len(x) < x.shape[1]:
        values = torch.linalg.svdvals(centred) ** 2 / len(x)
        return torch.nn.functional.pad(values, (0, x.shape[1] - len(x)))
    covariance = torch.einsum("ij,ik->jk", centred, centred) / len(x)
    return torch.linalg.eigh(covariance).eigenvalues.relu().sort(descending=True).values


def marginal_pairs(x, z, permutation):
    choose = torch.nn.functional.one_hot(permutation, len(z)).to(z.dtype)
    return x, torch.einsum("ij,j...->i...", choose, z)
