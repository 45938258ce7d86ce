"""Your rate goes below 0 above the total variance. It is 0 there."""

import math

TASK = "2.4"


def white_gaussian_rate(variances, distortion):
    return len(variances) / 2 * math.log(variances.double().sum().item() / distortion)
