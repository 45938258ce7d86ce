"""You share the distortion in proportion to the variances. That costs more rate than needed: what
is equal is the level."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    share = min(distortion / max(variances.sum().item(), 1e-30), 1.0)
    distortions = variances * share
    rate = gaussian_rate(variances.double(), distortions.double()).sum().item()
    return WaterFilling(rate, distortions, distortions.max().item())
