"""Your ratio is upside down: what is about the label is divided by all that is kept."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return input_nats / label_nats if input_nats >= minimum else math.nan
