"""Your rate is in bits. Report it in nats."""

import math

TASK = "2.4"


def white_gaussian_rate(variances, distortion):
    ratio = variances.double().sum().item() / distortion
    return max(len(variances) / 2 * math.log2(ratio), 0.0)
