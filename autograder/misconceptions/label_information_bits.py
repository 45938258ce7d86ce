"""Your bound is in bits. Report it in nats."""

import math

from rdlab.probe import label_information as exact

TASK = "3.9"


def label_information(logits, labels):
    return exact(logits, labels) / math.log(2)
