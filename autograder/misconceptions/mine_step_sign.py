"""Your loss has the wrong sign: minimising it lowers the bound."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return joint_scores.mean() - mean_exp / ema, ema
