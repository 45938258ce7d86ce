"""Your last point is not z_end. Both ends are included."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    weight = torch.arange(steps).unsqueeze(1).to(z_start) / steps
    return (1 - weight) * z_start + weight * z_end
