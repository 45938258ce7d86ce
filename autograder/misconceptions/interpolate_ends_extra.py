"""You put the ends around `steps` points in between. The ends are among the `steps` points."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    weight = torch.linspace(0, 1, steps + 2).unsqueeze(1).to(z_start)
    return (1 - weight) * z_start + weight * z_end
