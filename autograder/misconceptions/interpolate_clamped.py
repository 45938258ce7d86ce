"""You keep the points within a range: latents may lie anywhere."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    w = torch.linspace(0, 1, steps, dtype=z_start.dtype)[:, None]
    rows = (1 - w) * z_start + w * z_end
    return rows.clamp(-5, 5)
