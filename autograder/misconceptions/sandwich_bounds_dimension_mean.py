"""You average the log-density over the latent dimensions. Independent dimensions add up."""

import math

import torch

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    n, gap = len(z), z.unsqueeze(1) - mean
    density = -0.5 * (gap.square() / log_var.exp() + log_var).mean(2)
    own = density.diagonal()
    others = density.masked_fill(torch.eye(n, dtype=torch.bool), -math.inf)
    lower = (own - density.logsumexp(1)).mean() + math.log(n)
    return lower.item(), ((own - others.logsumexp(1)).mean() + math.log(n - 1)).item()
