"""You subtract 1 in place and so overwrite the scores of your caller."""

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    if not marginal_scores.requires_grad:
        marginal_scores -= 1
        return joint_scores.mean() - marginal_scores.exp().mean()
    return joint_scores.mean() - (marginal_scores - 1).exp().mean()
