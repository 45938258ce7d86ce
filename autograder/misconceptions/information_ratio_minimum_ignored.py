"""Your minimum is fixed; use the argument."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return label_nats / input_nats if input_nats >= 0.1 else math.nan
