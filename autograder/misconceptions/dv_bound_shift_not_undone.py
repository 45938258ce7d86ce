"""You shift the scores before exp() and never add the shift back."""

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    top = marginal_scores.max()
    return joint_scores.mean() - (marginal_scores - top).exp().mean().log()
