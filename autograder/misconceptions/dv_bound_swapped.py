"""Joint and marginal scores have changed places."""

import math

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    return marginal_scores.mean() - joint_scores.logsumexp(0) + math.log(len(joint_scores))
