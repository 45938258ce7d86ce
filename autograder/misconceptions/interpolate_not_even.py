"""Your points are not evenly spaced: they crowd at the ends."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    weight = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    weight = weight * weight * (3 - 2 * weight)
    return (1 - weight) * z_start + weight * z_end
