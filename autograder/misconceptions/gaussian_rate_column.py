"""You make a column of the variances where the two lengths differ. Let them broadcast: one
number goes with all of the other side."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    if variance.dim() == 1 and distortion.dim() == 1 and len(variance) != len(distortion):
        variance = variance.unsqueeze(1)
    r = (0.5 * (variance / distortion).log()).clamp(min=0)
    return torch.where((variance + 0 * distortion) == 0, 0.0, r)
