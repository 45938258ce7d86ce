"""You divide by a batch size that you know, not by that of the batch at hand."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    e = marginal_scores.exp().sum() / min(len(marginal_scores), 64)
    b = e.detach()
    ema = b if ema is None else decay * ema + (1 - decay) * b
    return e / ema - joint_scores.mean(), ema
