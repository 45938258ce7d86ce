"""You return standard deviations: the singular values still have to be squared."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    values = torch.linalg.svdvals(x - x.mean(0)) / len(x) ** 0.5
    return torch.cat([values, x.new_zeros(x.shape[1] - len(values))])
