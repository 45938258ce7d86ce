"""You take D for the mean over components. It is their total."""

from rdlab.rate_distortion import reverse_water_filling as exact

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    return exact(variances, distortion * len(variances))
