"""Your −1 stands outside the exponential. It belongs to the exponent."""

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - (marginal_scores.exp() - 1).mean()
