"""You decide with one `if` for the whole tensor. Each component is above or below its own
distortion."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    if (distortion >= variance).any():
        return torch.zeros(torch.broadcast_shapes(variance.shape, distortion.shape))
    return 0.5 * (variance / distortion).log()
