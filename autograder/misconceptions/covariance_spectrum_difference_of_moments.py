"""You subtract the squared mean from the mean square. Where the mean is large, the digits that
matter cancel: centre the data first."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    mean = x.mean(0)
    second = x.T @ x / len(x)
    return torch.linalg.eigvalsh(second - torch.outer(mean, mean)).flip(0).clamp(min=0)
