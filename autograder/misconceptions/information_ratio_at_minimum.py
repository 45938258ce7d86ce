"""Exactly at the minimum the ratio still counts: nan is for strictly less."""

import math

TASK = "3.10"


def information_ratio(label_nats, input_nats, minimum=0.1):
    return label_nats / input_nats if input_nats > minimum else math.nan
