"""You clamp large scores to keep exp() finite, which changes the bound. Shift them instead, and
undo the shift after the logarithm."""

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - marginal_scores.clamp(max=80).exp().mean().log()
