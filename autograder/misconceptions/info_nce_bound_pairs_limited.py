"""You use a fixed number of pairs: the ceiling is ln K for the K pairs that you get."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    scores = scores[:32, :32]
    return math.log(len(scores)) + (scores.diagonal() - scores.logsumexp(1)).mean()
