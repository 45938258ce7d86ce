"""You return a ratio. Asked for is a difference, in nats."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    return rate / reverse_water_filling(variances, distortion).rate
