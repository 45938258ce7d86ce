"""Your rate is in bits. Report it in nats."""

import math

from rdlab.evaluation import rate_and_distortion as exact

TASK = "1.4"


def rate_and_distortion(model, batches):
    rate, distortion = exact(model, batches)
    return rate / math.log(2), distortion
