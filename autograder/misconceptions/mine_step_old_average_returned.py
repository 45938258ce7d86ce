"""You return the average from before this batch, so it never moves."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else ema
    return mean_exp / (decay * ema + (1 - decay) * batch) - joint_scores.mean(), ema
