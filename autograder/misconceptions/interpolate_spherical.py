"""You walk along an arc (spherical interpolation). Asked for is the straight line."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    t = torch.linspace(0, 1, steps).unsqueeze(1).to(z_start)
    cosine = z_start @ z_end / (z_start.norm() * z_end.norm())
    angle = cosine.clamp(-1 + 1e-6, 1 - 1e-6).acos()
    return (((1 - t) * angle).sin() * z_start + (t * angle).sin() * z_end) / angle.sin()
