"""Clipped scores still get a gradient: where a score is clipped, the estimate does not depend on
it.
"""

import math

TASK = "3.6"


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    m = marginal_scores + (marginal_scores.clamp(-clip, clip) - marginal_scores).detach()
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))
