"""Your rate lacks the factor ½."""

import math

TASK = "2.4"


def white_gaussian_rate(variances, distortion):
    ratio = variances.double().sum().item() / distortion
    return max(len(variances) * math.log(ratio), 0.0)
