"""You leave the pair itself out of the denominator, so your "bound" can exceed ln K."""

import math

import torch

TASK = "3.5"


def info_nce_bound(scores):
    own = torch.eye(len(scores), dtype=torch.bool)
    others = scores.masked_fill(own, -math.inf)
    return math.log(len(scores)) + (scores.diagonal() - others.logsumexp(1)).mean()
