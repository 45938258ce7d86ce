"""You divide by the average from before this batch. The gradient divides by the one after it."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    old = batch if ema is None else ema
    return mean_exp / old - joint_scores.mean(), decay * old + (1 - decay) * batch
