"""You keep the marginal scores from growing: large ones then cost too little."""

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - (marginal_scores.clamp(max=10) - 1).exp().mean()
