"""You clip e^T instead of T. Where e^T overflows, its gradient is then 0 · inf, not a number:
clip before you exponentiate."""

import math

TASK = "3.6"


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    e = marginal_scores.exp().clamp(math.exp(-clip), math.exp(clip))
    return joint_scores.mean() - e.mean().log()
