"""You add a constant before the logarithm. When all marginal scores are very low, it takes over."""

TASK = "3.2"


def dv_bound(joint_scores, marginal_scores):
    top = marginal_scores.max().clamp(min=0)
    return joint_scores.mean() - ((marginal_scores - top).exp().mean() + 1e-8).log() - top
