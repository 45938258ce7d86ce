"""You keep the ratio within [0, 1]. Estimates may lie outside: return the ratio itself."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return min(max(label_nats / input_nats, 0.0), 1.0) if input_nats >= minimum else math.nan
