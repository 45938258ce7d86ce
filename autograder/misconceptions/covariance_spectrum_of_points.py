"""You compute the covariance between data points, not between components: torch.cov takes each row
for a variable."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    return torch.linalg.eigvalsh(torch.cov(x.flatten(1), correction=0)).flip(0).clamp(min=0)
