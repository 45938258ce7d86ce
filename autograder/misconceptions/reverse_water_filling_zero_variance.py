"""A component without variance turns your rate into nan. It costs nothing and distorts nothing."""

from rdlab.rate_distortion import reverse_water_filling as exact

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    result = exact(variances, distortion)
    ratio = variances.double() / result.distortions.double()
    return result._replace(rate=(0.5 * ratio.log()).clamp(min=0).sum().item())
