"""Your points stand in columns. Return one point per row, shape (steps, d)."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    weight = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    return ((1 - weight) * z_start + weight * z_end).T
