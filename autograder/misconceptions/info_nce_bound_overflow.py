"""exp() of large scores overflows, and of low ones vanishes. Take the logarithm of the sum in a
stable way."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    share = scores.exp().diagonal() / scores.exp().sum(1)
    return math.log(len(scores)) + share.log().mean()
