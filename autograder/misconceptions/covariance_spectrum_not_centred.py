"""You do not subtract the mean, so it counts as variance."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])
