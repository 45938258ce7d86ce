"""Your clip is 10 unless another is given. The default is 5."""

import math

TASK = "3.6"


def smile_bound(joint_scores, marginal_scores, clip=10.0):
    m = marginal_scores.clamp(-clip, clip)
    return joint_scores.mean() - m.logsumexp(0) + math.log(len(m))
