"""You return the loss. The bound is its negative."""

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    return (marginal_scores - 1).exp().mean() - joint_scores.mean()
