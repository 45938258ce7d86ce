"""You subtract the mean from the caller's data. Centre a copy."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    x -= x.mean(0)
    squares = torch.linalg.svdvals(x).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])
