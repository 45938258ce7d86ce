"""The average carries a gradient, so yours is not the corrected one, and the graph grows with every
step. It must be a constant."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    ema = mean_exp if ema is None else decay * ema + (1 - decay) * mean_exp
    return mean_exp / ema - joint_scores.mean(), ema
