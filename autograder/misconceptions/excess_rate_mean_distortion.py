"""You divide the distortion by the number of components. Water-filling takes the total."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    return rate - reverse_water_filling(variances, distortion / len(variances)).rate
