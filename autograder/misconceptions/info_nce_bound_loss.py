"""You return the loss. The bound is its negative."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    return (scores.logsumexp(1) - scores.diagonal()).mean() - math.log(len(scores))
