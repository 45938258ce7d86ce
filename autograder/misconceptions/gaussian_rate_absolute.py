"""You take the absolute value of the logarithm, so the rate rises again beyond D = σ². It is 0
there."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    nothing = (variance == 0) & (distortion == 0)
    return torch.where(nothing, 0.0, 0.5 * (variance / distortion).log().abs())
