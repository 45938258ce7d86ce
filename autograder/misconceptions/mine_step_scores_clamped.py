"""You keep the scores from growing before you take e^T: the average lacks its largest terms."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    e = marginal_scores.clamp(max=10).exp().mean()
    b = e.detach()
    ema = b if ema is None else decay * ema + (1 - decay) * b
    return e / ema - joint_scores.mean(), ema
