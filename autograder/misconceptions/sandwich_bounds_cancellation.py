"""You expand the square in single precision: for means that are large against σ, the digits that
matter cancel. Compute in double precision, or square the difference."""

import math

import torch

from rdlab.sandwich import _log_density

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    n, density = len(z), _log_density(z.float(), mean.float(), log_var.float())
    own = density.diagonal()
    others = density.masked_fill(torch.eye(n, dtype=torch.bool), -math.inf)
    lower = (own - density.logsumexp(1)).mean() + math.log(n)
    return lower.item(), ((own - others.logsumexp(1)).mean() + math.log(n - 1)).item()
