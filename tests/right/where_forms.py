"""Masks and torch.where instead of clamps and slices."""

import torch


def gaussian_rate(variance, distortion):
    coded = distortion < variance
    safe = torch.where(coded, distortion / torch.where(coded, variance, torch.inf), 1.0)
    return -0.5 * torch.log(safe)


def linear_vae_point(variances, beta, latent_dim=None):
    variances = variances.double()
    rank = variances.argsort(descending=True, stable=True).argsort()
    latent_dim = variances.numel() if latent_dim is None else latent_dim
    coded = (rank < latent_dim) & (variances > beta / 2)
    rate = torch.where(coded, 0.5 * torch.log(2 * variances / beta), 0.0).sum()
    return rate.item(), torch.where(coded, beta / 2, variances).sum().item()


def traverse(z, dimension, values):
    index = torch.full((len(values), 1), dimension)
    return z.expand(len(values), -1).scatter(1, index, values.unsqueeze(1))


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    clipped = torch.where(marginal_scores > clip, clip, marginal_scores)
    clipped = torch.where(clipped < -clip, -clip, clipped)
    top = clipped.max().detach()
    return joint_scores.mean() - (clipped - top).exp().mean().log() - top


def redundant_dimensions(mean, log_var, threshold=0.01):
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return torch.where(kl.sum(0) / len(kl) < threshold)[0]


def information_ratio(label_nats, input_nats, minimum=0.1):
    label, given = torch.tensor([label_nats, input_nats], dtype=torch.float64)
    return torch.where(given >= minimum, label / given, torch.nan).item()
