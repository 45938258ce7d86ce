"""Your estimate is in bits. Report it in nats."""

import math

from rdlab.mutual_information import estimate_mutual_information as exact

TASK = "3.7"


def estimate_mutual_information(x, z, **options):
    return exact(x, z, **options) / math.log(2)
