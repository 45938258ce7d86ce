"""You sum the exponentials of the batch. The term is their mean."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    exp = marginal_scores.exp()
    batch = exp.mean().detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return exp.sum() / ema - joint_scores.mean(), ema
