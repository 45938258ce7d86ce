"""You pour distortion on the largest components first. Reverse water-filling cuts all components at
one common level."""

import torch

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    left, distortions = distortion, torch.zeros_like(variances)
    for i in variances.argsort(descending=True).tolist():
        distortions[i] = min(left, variances[i].item())
        left -= distortions[i].item()
    rate = gaussian_rate(variances.double(), distortions.double()).sum().item()
    return WaterFilling(rate, distortions, distortions.max().item())
