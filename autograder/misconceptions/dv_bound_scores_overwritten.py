"""You subtract the largest score in place and so overwrite the scores of your caller."""

import math

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    if marginal_scores.requires_grad:
        log_sum = marginal_scores.logsumexp(0)
        return joint_scores.mean() - log_sum + math.log(len(marginal_scores))
    top = marginal_scores.max()
    marginal_scores -= top
    return joint_scores.mean() - marginal_scores.exp().mean().log() - top
