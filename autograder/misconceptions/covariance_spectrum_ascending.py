"""Your eigenvalues come smallest first. Return the largest first."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x - x.mean(0)).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))]).flip(0)
