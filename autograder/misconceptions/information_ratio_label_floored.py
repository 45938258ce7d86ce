"""You keep I(z; y) above a number: a bad classifier's bound may be as negative as it likes."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return max(label_nats, -1) / input_nats if input_nats >= minimum else math.nan
