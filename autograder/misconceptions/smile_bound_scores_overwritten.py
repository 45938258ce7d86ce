"""You clip in place and so overwrite the scores of your caller."""

import math

TASK = "3.6"


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    if not marginal_scores.requires_grad:
        marginal_scores.clamp_(-clip, clip)
    m = marginal_scores.clamp(-clip, clip)
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))
