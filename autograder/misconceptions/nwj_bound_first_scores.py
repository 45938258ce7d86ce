"""You average over the first marginal scores only: all of them count."""

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - (marginal_scores[:256] - 1).exp().mean()
