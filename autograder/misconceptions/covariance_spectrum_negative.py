"""Rounding leaves some of your eigenvalues slightly negative, and a logarithm will meet them. They
are ≥ 0."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    centred = x - x.mean(0)
    return torch.linalg.eigvalsh(centred.T @ centred / len(x)).flip(0)
