"""Your decay is fixed; use the argument."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else 0.99 * ema + 0.01 * batch
    return mean_exp / ema - joint_scores.mean(), ema
