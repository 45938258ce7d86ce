"""You average over all entries. Only the diagonal holds pairs that were drawn together."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    return math.log(len(scores)) + scores.log_softmax(1).mean()
