"""Wrong versions of mine_step (task 3.3). A docstring is what the student is told."""

from rdlab.mutual_information import dv_bound
from tests.wrong import mistake, mutant

TASK = "3.3"


@mistake
def average_keeps_graph(joint_scores, marginal_scores, ema, decay=0.99):
    """The loss is right, but the average you return still carries a gradient: the graph of all past
    steps stays in memory."""
    mean_exp = marginal_scores.exp().mean()
    ema = mean_exp if ema is None else decay * ema + (1 - decay) * mean_exp
    return mean_exp / ema.detach() - joint_scores.mean(), ema


@mistake
def average_not_detached(joint_scores, marginal_scores, ema, decay=0.99):
    """The average carries a gradient, so yours is not the corrected one, and the graph grows with
    every step. It must be a constant."""
    mean_exp = marginal_scores.exp().mean()
    ema = mean_exp if ema is None else decay * ema + (1 - decay) * mean_exp
    return mean_exp / ema - joint_scores.mean(), ema


@mistake
def average_of_logs(joint_scores, marginal_scores, ema, decay=0.99):
    """You average logarithms, which gives a geometric mean. Average the mean exponentials
    themselves."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else ema**decay * batch ** (1 - decay)
    return mean_exp / ema - joint_scores.mean(), ema


@mistake
def average_of_scores(joint_scores, marginal_scores, ema, decay=0.99):
    """You average the scores. The moving average is one of e^T."""
    batch = marginal_scores.mean().detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return marginal_scores.exp().mean() / ema.exp() - joint_scores.mean(), ema


@mistake
def decay_ignored(joint_scores, marginal_scores, ema, decay=0.99):
    """Your decay is fixed; use the argument."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else 0.99 * ema + 0.01 * batch
    return mean_exp / ema - joint_scores.mean(), ema


@mistake
def decay_swapped(joint_scores, marginal_scores, ema, decay=0.99):
    """The weights have changed places: `decay` belongs to the old average."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else (1 - decay) * ema + decay * batch
    return mean_exp / ema - joint_scores.mean(), ema


@mistake
def epsilon(joint_scores, marginal_scores, ema, decay=0.99):
    """You add a constant to the moving average that you divide by: small averages give too small a
    gradient."""
    e = marginal_scores.exp().mean()
    b = e.detach()
    ema = b if ema is None else decay * ema + (1 - decay) * b
    return e / (ema + 1e-3) - joint_scores.mean(), ema


@mistake
def joint_divided(joint_scores, marginal_scores, ema, decay=0.99):
    """You divide the joint term by the average as well. Only the marginal term is divided."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return (mean_exp - joint_scores.mean()) / ema, ema


@mistake
def old_average(joint_scores, marginal_scores, ema, decay=0.99):
    """You divide by the average from before this batch. The gradient divides by the one after
    it."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    old = batch if ema is None else ema
    return mean_exp / old - joint_scores.mean(), decay * old + (1 - decay) * batch


@mistake
def old_average_returned(joint_scores, marginal_scores, ema, decay=0.99):
    """You return the average from before this batch, so it never moves."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else ema
    return mean_exp / (decay * ema + (1 - decay) * batch) - joint_scores.mean(), ema


@mistake
def plain_bound(joint_scores, marginal_scores, ema, decay=0.99):
    """Your loss is the plain DV bound: its gradient divides by the mean of this batch alone, and
    the average you keep is not used."""
    batch = marginal_scores.exp().mean().detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return -dv_bound(joint_scores, marginal_scores), ema


@mistake
def scores_clamped(joint_scores, marginal_scores, ema, decay=0.99):
    """You keep the scores from growing before you take e^T: the average lacks its largest terms."""
    e = marginal_scores.clamp(max=10).exp().mean()
    b = e.detach()
    ema = b if ema is None else decay * ema + (1 - decay) * b
    return e / ema - joint_scores.mean(), ema


@mistake
def sign(joint_scores, marginal_scores, ema, decay=0.99):
    """Your loss has the wrong sign: minimising it lowers the bound."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return joint_scores.mean() - mean_exp / ema, ema


@mistake
def starts_at_one(joint_scores, marginal_scores, ema, decay=0.99):
    """Your average starts at 1. The first batch is the average to start from."""
    mean_exp = marginal_scores.exp().mean()
    ema = decay * (1 if ema is None else ema) + (1 - decay) * mean_exp.detach()
    return mean_exp / ema - joint_scores.mean(), ema


@mistake
def starts_at_zero(joint_scores, marginal_scores, ema, decay=0.99):
    """Your average starts at 0, so the first steps divide by far too little. The first batch is the
    average to start from."""
    mean_exp = marginal_scores.exp().mean()
    ema = decay * (0 if ema is None else ema) + (1 - decay) * mean_exp.detach()
    return mean_exp / ema - joint_scores.mean(), ema


@mistake
def sum(joint_scores, marginal_scores, ema, decay=0.99):
    """You sum the exponentials of the batch. The term is their mean."""
    exp = marginal_scores.exp()
    batch = exp.mean().detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return exp.sum() / ema - joint_scores.mean(), ema


@mistake
def zero_average_ignored(joint_scores, marginal_scores, ema, decay=0.99):
    """You take an average of 0 for a missing one: `if not ema` is true for both. Only None means
    that there is no average yet."""
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = decay * ema + (1 - decay) * batch if ema else batch
    return mean_exp / ema - joint_scores.mean(), ema


@mutant
def average_floored(joint_scores, marginal_scores, ema, decay=0.99):
    # A floor of 0.001: shows that a check has a smaller average.
    e = marginal_scores.exp().mean()
    ema = e.detach() if ema is None else decay * ema + (1 - decay) * e.detach()
    ema = ema.clamp(min=1e-3)
    return e / ema - joint_scores.mean(), ema


@mutant
def fixed_batch_size(joint_scores, marginal_scores, ema, decay=0.99):
    # Larger batches than 64 pairs are divided by 64: shows that a check has one.
    e = marginal_scores.exp().sum() / min(len(marginal_scores), 64)
    b = e.detach()
    ema = b if ema is None else decay * ema + (1 - decay) * b
    return e / ema - joint_scores.mean(), ema
