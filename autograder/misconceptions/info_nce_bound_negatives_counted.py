"""You use the logarithm of the number of negatives, K − 1. Each denominator has K terms."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    k = len(scores)
    return math.log(max(k - 1, 1)) + (scores.diagonal() - scores.logsumexp(1)).mean()
