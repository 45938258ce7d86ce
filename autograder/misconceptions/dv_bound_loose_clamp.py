"""You keep the scores within a range: larger ones are read as smaller."""

import math

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    m = marginal_scores.clamp(-600, 600)
    return joint_scores.clamp(-600, 600).mean() - (m.logsumexp(0) - math.log(len(m)))
