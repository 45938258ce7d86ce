"""Joint and marginal scores have changed places."""

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    return marginal_scores.mean() - (joint_scores - 1).exp().mean()
