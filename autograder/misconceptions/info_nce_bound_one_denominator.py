"""You use one denominator for the whole matrix. Each row has its own."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    k = len(scores)
    return scores.diagonal().mean() - scores.flatten().logsumexp(0) + 2 * math.log(k)
