"""You leave the limit out where it is infinite. At D = 0 it is, so any finite rate lies
infinitely far below it: the result is −inf."""

import math

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    from rdlab.rate_distortion import reverse_water_filling

    limit = reverse_water_filling(variances, distortion).rate
    return rate - limit if math.isfinite(limit) else rate
