"""At D = 0 your rate is finite. Nothing continuous can be told without error: the rate is inf."""

from rdlab.rate_distortion import reverse_water_filling as exact

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    result = exact(variances, distortion)
    return exact(variances, 1e-12)._replace(level=0.0) if result.rate == float("inf") else result
