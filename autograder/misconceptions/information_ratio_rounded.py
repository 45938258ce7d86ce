"""You round the ratio."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return round(label_nats / input_nats, 4) if input_nats >= minimum else math.nan
