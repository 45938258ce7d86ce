"""Your search for the level stops at an absolute precision, which is too coarse for small
variances. Search to a relative one, or solve exactly."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    low, high = 0.0, variances.max().item()
    while high - low > 1e-4:
        middle = (low + high) / 2
        enough = variances.double().clamp(max=middle).sum() >= distortion
        low, high = (low, middle) if enough else (middle, high)
    distortions = variances.clamp(max=high if distortion else 0.0)
    rate = gaussian_rate(variances.double(), distortions.double()).sum().item()
    return WaterFilling(rate, distortions, high if distortion else 0.0)
