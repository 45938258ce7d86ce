"""You keep the distortion above a part of the variance: a small one costs more."""

import math

TASK = "2.4"


def white_gaussian_rate(variances, distortion):
    n, total = len(variances), variances.double().sum().item()
    return 0.5 * n * math.log(total / max(distortion, 1e-5 * total)) if distortion < total else 0.0
