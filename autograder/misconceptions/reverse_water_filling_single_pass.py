"""You hand the surplus of the weak components on once. That lifts the level, and may fill further
components: repeat until nothing changes."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    full = variances < distortion / len(variances)
    level = variances.max().item()
    if distortion < variances.sum():
        level = (distortion - variances[full].sum().item()) / (~full).sum().item()
    distortions = variances.clamp(max=level)
    rate = gaussian_rate(variances.double(), distortions.double()).sum().item()
    return WaterFilling(rate, distortions, level)
