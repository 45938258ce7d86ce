"""Stable exponentials by hand: the largest score is subtracted and added again."""

import math

import torch


def log_sum_exp(values, dim):
    top = values.max(dim, keepdim=True).values.detach()
    return (values - top).exp().sum(dim).log() + top.squeeze(dim)


def dv_bound(joint_scores, marginal_scores):
    count = marginal_scores.shape[0]
    return joint_scores.mean() - (log_sum_exp(marginal_scores, 0) - math.log(count))


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    upper = torch.minimum(marginal_scores, torch.full_like(marginal_scores, clip))
    return dv_bound(joint_scores, torch.maximum(upper, torch.full_like(upper, -clip)))


def info_nce_bound(scores):
    k = scores.shape[0]
    index = torch.arange(k)
    return (scores[index, index] - log_sum_exp(scores, 1)).sum() / k + math.log(k)


def sandwich_bounds(z, mean, log_var):
    z, mean, log_var = (t.double() for t in (z, mean, log_var))
    n = len(z)
    gap = (z[:, None, :] - mean[None, :, :]) / torch.exp(log_var / 2)
    log_q = -0.5 * (gap**2 + log_var).sum(-1)
    own = torch.diag(log_q)
    off_diagonal = log_q[~torch.eye(n, dtype=torch.bool)].reshape(n, n - 1)
    lower = own - log_sum_exp(log_q, 1) + math.log(n)
    upper = own - log_sum_exp(off_diagonal, 1) + math.log(n - 1)
    return lower.mean().item(), upper.mean().item()


def label_information(logits, labels):
    logits = logits.double()
    _, counts = torch.unique(labels, return_counts=True)
    share = counts.double() / labels.shape[0]
    own = logits[torch.arange(len(labels)), labels]
    cross_entropy = (log_sum_exp(logits, 1) - own).mean()
    return float(-(share * share.log()).sum() - cross_entropy)
