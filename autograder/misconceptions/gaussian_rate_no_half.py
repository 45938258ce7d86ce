"""Your rate lacks the factor ½."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance
    return torch.where(active, (variance / distortion).log(), 0.0)
