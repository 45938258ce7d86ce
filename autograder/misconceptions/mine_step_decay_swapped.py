"""The weights have changed places: `decay` belongs to the old average."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else (1 - decay) * ema + decay * batch
    return mean_exp / ema - joint_scores.mean(), ema
