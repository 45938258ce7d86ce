"""You limit the clip itself: it may have any size."""

import math

TASK = "3.6"


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    clip = min(clip, 20.0)
    m = marginal_scores.clamp(-clip, clip)
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))
