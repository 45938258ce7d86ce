"""The losses of torch.nn.functional where they fit."""

import math

import torch
import torch.nn.functional as F


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    kl = -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
    return (F.mse_loss(x_hat, x, reduction="sum") + beta * kl) / x.size(0)


def info_nce_bound(scores):
    target = torch.arange(scores.size(0))
    return math.log(scores.size(0)) - F.cross_entropy(scores, target)


def label_information(logits, labels):
    share = F.one_hot(labels, logits.shape[1]).double().mean(0)
    entropy = -torch.xlogy(share, share).sum()
    return float(entropy - F.nll_loss(F.log_softmax(logits.double(), 1), labels))


def nwj_bound(joint_scores, marginal_scores):
    return torch.mean(joint_scores) - torch.mean(torch.exp(torch.sub(marginal_scores, 1.0)))


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    clipped = F.hardtanh(marginal_scores, -clip, clip)
    log_share = clipped[:1] - F.log_softmax(clipped, 0)[:1] - math.log(clipped.numel())
    return joint_scores.mean() - log_share.sum()


def marginal_pairs(x, z, permutation):
    flat = F.embedding(permutation, z.reshape(len(z), -1))
    return x, flat.reshape(z.shape)


def interpolate(z_start, z_end, steps):
    ends = torch.stack([z_start, z_end], dim=1).unsqueeze(0)
    return F.interpolate(ends, size=steps, mode="linear", align_corners=True)[0].T
