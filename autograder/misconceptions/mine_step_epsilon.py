"""You add a constant to the moving average that you divide by: small averages give too small a
gradient.
"""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    e = marginal_scores.exp().mean()
    b = e.detach()
    ema = b if ema is None else decay * ema + (1 - decay) * b
    return e / (ema + 1e-3) - joint_scores.mean(), ema
