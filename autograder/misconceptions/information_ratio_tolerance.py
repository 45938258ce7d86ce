"""You let informations just below the minimum pass. Whatever lies below it has no ratio."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    if input_nats < minimum - 1e-3:
        return math.nan
    return label_nats / input_nats
