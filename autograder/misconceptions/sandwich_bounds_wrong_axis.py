"""Your mixture runs over the samples, for one image's density. Hold one sample fixed and mix the
densities of all images."""

import math

import torch

from rdlab.sandwich import _log_density

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    n, density = len(z), _log_density(z.double(), mean.double(), log_var.double()).T
    own = density.diagonal()
    others = density.masked_fill(torch.eye(n, dtype=torch.bool), -math.inf)
    lower = (own - density.logsumexp(1)).mean() + math.log(n)
    return lower.item(), ((own - others.logsumexp(1)).mean() + math.log(n - 1)).item()
