"""You average logarithms, which gives a geometric mean. Average the mean exponentials themselves."""

TASK = "3.3"


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else ema**decay * batch ** (1 - decay)
    return mean_exp / ema - joint_scores.mean(), ema
