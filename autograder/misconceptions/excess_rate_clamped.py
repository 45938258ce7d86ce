"""You cut negative values off. A good coder of real data may lie below the Gaussian limit, and that
is worth seeing."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.5"


def excess_rate(rate, distortion, variances):
    return max(rate - reverse_water_filling(variances, distortion).rate, 0.0)
