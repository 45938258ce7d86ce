"""Data with more axes than two, such as images, must be flattened to (N, n) first."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    squares = torch.linalg.svdvals(x - x.mean(0)).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])
