"""Your rate is in bits. Report it in nats."""

import math

from rdlab.rate_distortion import reverse_water_filling as exact

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    result = exact(variances, distortion)
    return result._replace(rate=result.rate / math.log(2))
