"""You select active components before broadcasting, so variance and distortion of different shapes
fail."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    rate = torch.zeros_like(variance)
    active = distortion < variance
    rate[active] = 0.5 * (variance[active] / distortion[active]).log()
    return rate
