"""The MINE gradient as weighted scores, and bounds by other primitives."""

import math

import torch
import torch.nn.functional as F


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = torch.exp(torch.logsumexp(marginal_scores, dim=0)) / marginal_scores.numel()
    if ema is None:
        average = mean_exp.detach().clone()
    else:
        average = ema.detach() * decay + mean_exp.detach() * (1.0 - decay)
    weights = (marginal_scores.detach().exp() / average) / marginal_scores.numel()
    return (weights * marginal_scores).sum() - joint_scores.mean(), average


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    m = F.hardtanh(marginal_scores, -clip, clip)
    return joint_scores.mean() - torch.logsumexp(m, 0) + math.log(m.numel())


def dv_bound(joint_scores, marginal_scores):
    return joint_scores.double().mean().to(joint_scores) - (
        torch.logsumexp(marginal_scores.double(), 0) - math.log(marginal_scores.shape[0])
    ).to(joint_scores)


def nwj_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - torch.expm1(marginal_scores - 1).mean() - 1


def info_nce_bound(scores):
    k = scores.shape[0]
    return (scores.log_softmax(dim=1) * torch.eye(k, dtype=scores.dtype)).sum() / k + math.log(k)
