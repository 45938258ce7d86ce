"""The loss is right, but the average you return still carries a gradient: the graph of all past
steps stays in memory."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    ema = mean_exp if ema is None else decay * ema + (1 - decay) * mean_exp
    return mean_exp / ema.detach() - joint_scores.mean(), ema
