"""You compare with the total variance less a fixed margin: where variances are small, that is a
large part.
"""

import math

TASK = "2.4"


def white_gaussian_rate(variances, distortion):
    n, total = len(variances), variances.double().sum().item()
    return 0.5 * n * math.log(total / distortion) if distortion < total - 1e-2 else 0.0
