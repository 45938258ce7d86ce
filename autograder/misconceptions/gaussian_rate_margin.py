"""Just below D = σ² you call the rate 0: it is 0 only from D = σ² on."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance * (1 - 1e-3)
    return torch.where(
        active,
        0.5 * (torch.where(active, variance, 1) / torch.where(active, distortion, 1)).log(),
        0.0,
    )
