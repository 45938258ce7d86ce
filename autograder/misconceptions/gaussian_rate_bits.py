"""Your rate is in bits. Rates are in nats: use the natural logarithm."""

import torch

TASK = "2.1"


def gaussian_rate(variance, distortion):
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance
    return torch.where(active, 0.5 * (variance / distortion).log2(), 0.0)
