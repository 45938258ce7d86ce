"""You subtract each row's largest score in place and so overwrite the scores of your caller."""

import math

TASK = "3.5"


def info_nce_bound(scores):
    if not scores.requires_grad:
        scores -= scores.max(1, keepdim=True).values
    return math.log(len(scores)) + (scores.diagonal() - scores.logsumexp(1)).mean()
