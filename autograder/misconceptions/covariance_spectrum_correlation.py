"""You standardise the components, which gives the correlation matrix. Only the mean is taken off."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    x = (x - x.mean(0)) / x.std(0, correction=0).clamp(min=1e-8)
    squares = torch.linalg.svdvals(x).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])
