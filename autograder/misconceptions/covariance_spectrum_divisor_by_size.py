"""You divide by N − 1 for large data sets and by N for small ones: the divisor is N."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    c = x - x.mean(0)
    s = torch.zeros(c.shape[1], dtype=c.dtype)
    e = torch.linalg.svdvals(c).square() / (len(c) - (len(c) > 50))
    s[: len(e)] = e
    return s
