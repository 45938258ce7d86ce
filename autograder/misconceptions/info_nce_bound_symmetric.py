"""You average over rows and columns. The bound asked for sums along rows alone."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    both = (scores.logsumexp(0) + scores.logsumexp(1)) / 2
    return math.log(len(scores)) + (scores.diagonal() - both).mean()
