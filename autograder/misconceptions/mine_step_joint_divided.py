"""You divide the joint term by the average as well. Only the marginal term is divided."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return (mean_exp - joint_scores.mean()) / ema, ema
