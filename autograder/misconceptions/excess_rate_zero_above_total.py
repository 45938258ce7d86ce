"""Above the total variance the limit is 0, so all of the rate is excess, not none."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    return (
        rate - reverse_water_filling(variances, distortion).rate
        if distortion < variances.sum()
        else 0.0
    )
