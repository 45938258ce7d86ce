"""You give every component D/n. Where that is more than its variance, the rest must go to the other
components: the level rises until the distortions add up."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    level = min(distortion / len(variances), variances.max().item())
    distortions = variances.clamp(max=level)
    rate = gaussian_rate(variances.double(), distortions.double()).sum().item()
    return WaterFilling(rate, distortions, level)
