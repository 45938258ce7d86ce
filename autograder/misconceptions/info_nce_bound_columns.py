"""Your denominator sums over i, down each column. It sums over j, along each row."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    return math.log(len(scores)) + (scores.diagonal() - scores.logsumexp(0)).mean()
