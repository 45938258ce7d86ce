"""The exponent lacks the −1."""

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - marginal_scores.exp().mean()
