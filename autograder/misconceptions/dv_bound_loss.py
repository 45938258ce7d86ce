"""You return the loss. The bound is its negative."""

import math

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    return marginal_scores.logsumexp(0) - math.log(len(marginal_scores)) - joint_scores.mean()
