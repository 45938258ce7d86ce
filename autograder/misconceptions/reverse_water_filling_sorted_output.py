"""Your distortions come in sorted order. Return them in the order of the variances given."""

from rdlab.rate_distortion import reverse_water_filling as exact

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    return exact(variances.sort(descending=True).values, distortion)
