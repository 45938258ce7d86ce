"""You limit the ratio: estimates may give any."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return min(label_nats / input_nats, 4.0) if input_nats >= minimum else math.nan
