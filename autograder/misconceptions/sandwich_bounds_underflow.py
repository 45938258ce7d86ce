"""You exponentiate the densities: far apart they become 0 and your bounds infinite. Stay in
logarithms."""

import math

import torch

from rdlab.sandwich import _log_density

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    n, density = len(z), _log_density(z.double(), mean.double(), log_var.double()).exp()
    own, off = density.diagonal(), density * (1 - torch.eye(n))
    lower = (own / density.sum(1)).log().mean() + math.log(n)
    return lower.item(), ((own / off.sum(1)).log().mean() + math.log(n - 1)).item()
