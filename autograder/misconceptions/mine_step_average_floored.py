"""You keep the moving average above 0.001. The mean of e^T may be as small as it likes: no
floor belongs there."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    e = marginal_scores.exp().mean()
    ema = e.detach() if ema is None else decay * ema + (1 - decay) * e.detach()
    ema = ema.clamp(min=1e-3)
    return e / ema - joint_scores.mean(), ema
