"""You take the variances to be sorted already. They may come in any order."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    level, rest = variances[0].item(), variances.sum().item()
    if distortion < rest:
        for active in range(len(variances), 0, -1):
            rest = variances[active:].sum().item()
            level = (distortion - rest) / active
            if level <= variances[active - 1]:
                break
    distortions = variances.clamp(max=level)
    rate = gaussian_rate(variances.double(), distortions.double()).sum().item()
    return WaterFilling(rate, distortions, level)
