"""You average the scores. The moving average is one of e^T."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    batch = marginal_scores.mean().detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return marginal_scores.exp().mean() / ema.exp() - joint_scores.mean(), ema
