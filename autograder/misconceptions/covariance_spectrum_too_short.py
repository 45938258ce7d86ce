"""With fewer points than components you return N eigenvalues. There are n: the last ones are 0."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    return torch.linalg.svdvals(x - x.mean(0)).square() / len(x)
