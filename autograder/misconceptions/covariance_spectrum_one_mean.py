"""You subtract one mean for all components. Each component has its own."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x - x.mean()).square() / len(x)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])
