"""You return the sum. Return one rate per component, in the broadcast shape."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance
    return torch.where(active, 0.5 * (variance / distortion).log(), 0.0).sum()
