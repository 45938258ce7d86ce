"""You count only components of some variance: all n share the variance and the distortion."""

import math

TASK = "2.4"


def white_gaussian_rate(variances, distortion):
    n, total = int((variances > 1e-3).sum()), variances.double().sum().item()
    return 0.5 * n * math.log(total / distortion) if distortion < total else 0.0
