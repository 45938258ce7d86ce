"""You drop covered components for a fixed number of rounds: go on until none is covered."""

import torch

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    v = variances.double()
    if distortion >= v.sum():
        return WaterFilling(0.0, variances.clone(), v.max().item())
    active = torch.ones_like(v, dtype=torch.bool)
    for _ in range(5):
        level = (distortion - v[~active].sum()) / active.sum()
        active &= v >= level
    level = max(level.item(), 0.0)
    dist = v.clamp(max=level)
    return WaterFilling(gaussian_rate(v, dist).sum().item(), dist, level)
