"""Functions compiled by torch.jit.script."""

import math

import torch
from torch import Tensor


@torch.jit.script
def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    return torch.addcmul(mean, torch.exp(0.5 * log_var), noise)


@torch.jit.script
def gaussian_kl(mean: Tensor, log_var: Tensor) -> Tensor:
    return -0.5 * (1.0 + log_var - mean * mean - torch.exp(log_var))


@torch.jit.script
def gaussian_rate(variance: Tensor, distortion: Tensor) -> Tensor:
    rate = 0.5 * (torch.log(variance) - torch.log(distortion))
    return torch.where(distortion >= variance, torch.zeros_like(rate), rate)


@torch.jit.script
def dv_bound(joint_scores: Tensor, marginal_scores: Tensor) -> Tensor:
    count = float(marginal_scores.size(0))
    return joint_scores.mean() - torch.logsumexp(marginal_scores, 0) + math.log(count)


@torch.jit.script
def nwj_bound(joint_scores: Tensor, marginal_scores: Tensor) -> Tensor:
    return joint_scores.mean() - torch.exp(marginal_scores - 1.0).mean()
