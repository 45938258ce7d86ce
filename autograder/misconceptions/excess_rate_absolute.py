"""You return a distance without sign. Below the limit the excess is negative."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    return abs(rate - reverse_water_filling(variances, distortion).rate)
