"""You add a small constant before the logarithm, which also changes the gradient."""

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    top = marginal_scores.max().detach()
    return joint_scores.mean() - ((marginal_scores - top).exp().mean() + 1e-6).log() - top
