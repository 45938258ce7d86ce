"""You overwrite the variances of your caller: work on a copy."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    variances.clamp_(min=1e-6)
    return rate - reverse_water_filling(variances, distortion).rate
