"""Your walk goes from z_end to z_start."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    weight = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    return weight * z_start + (1 - weight) * z_end
