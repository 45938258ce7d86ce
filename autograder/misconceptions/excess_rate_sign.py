"""Your excess has the wrong sign: it is positive for a coder that spends more than the limit."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    return reverse_water_filling(variances, distortion).rate - rate
