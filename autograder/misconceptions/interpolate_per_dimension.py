"""Your weights run over the latent dimensions instead of the points; this works only for steps = d."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    weight = torch.linspace(0, 1, steps).to(z_start)
    return torch.stack([(1 - weight) * z_start + weight * z_end] * steps)
