"""Your bound is in bits. Report it in nats."""

import math

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    log_mean_exp = marginal_scores.logsumexp(0) - math.log(len(marginal_scores))
    return (joint_scores.mean() - log_mean_exp) / math.log(2)
