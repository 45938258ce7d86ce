"""You guard against small I(z; y). What must not be small is the denominator."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return label_nats / input_nats if min(label_nats, input_nats) >= minimum else math.nan
