"""Your average starts at 1. The first batch is the average to start from."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    ema = decay * (1 if ema is None else ema) + (1 - decay) * mean_exp.detach()
    return mean_exp / ema - joint_scores.mean(), ema
