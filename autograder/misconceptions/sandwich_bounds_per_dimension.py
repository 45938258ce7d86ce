"""You bound each dimension alone and add the results. Under the marginal the dimensions are not
independent: add the log-densities first."""

import math

import torch

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    z, mean, log_var = z.double(), mean.double(), log_var.double()
    n, gap = len(z), z.unsqueeze(1) - mean
    density = -0.5 * (gap.square() / log_var.exp() + log_var)
    own = torch.diagonal(density).T
    others = density.masked_fill(torch.eye(n, dtype=torch.bool).unsqueeze(2), -math.inf)
    lower = (own - density.logsumexp(1)).mean(0).sum() + z.shape[1] * math.log(n)
    upper = (own - others.logsumexp(1)).mean(0).sum() + z.shape[1] * math.log(n - 1)
    return lower.item(), upper.item()
