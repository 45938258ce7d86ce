"""You set small eigenvalues to 0. Only negative ones, which come from rounding, may become 0."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    n = x.shape[1]
    c = x - x.mean(0)
    s = torch.linalg.svdvals(c) ** 2 / len(x)
    s = torch.cat([s, s.new_zeros(n - len(s))]) if len(s) < n else s
    return torch.where(s > 1e-3 * s[0], s, 0.0)
