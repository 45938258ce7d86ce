"""You average over the first marginal scores only: all of them count."""

import math

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    m = marginal_scores[:1024]
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))
