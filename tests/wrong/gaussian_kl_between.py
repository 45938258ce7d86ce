"""Wrong versions of gaussian_kl_between (task 6.1). A docstring is what the student is told."""

import torch
from torch.distributions import Normal

from tests.wrong import mistake, mutant

TASK = "6.1"


def _kl(mean_q, log_var_q, mean_p, log_var_p):
    gap = log_var_q - log_var_p
    squared_gap = ((mean_q - mean_p) * (-0.5 * log_var_p).exp()).square()
    return 0.5 * (gap.exp() - 1 - gap + squared_gap)


@mistake
def reversed_direction(mean_q, log_var_q, mean_p, log_var_p):
    """You computed KL(p ‖ q): the expectation is over q, the first of the two."""
    return _kl(mean_p, log_var_p, mean_q, log_var_q)


@mistake
def no_half(mean_q, log_var_q, mean_p, log_var_p):
    """The KL between two Gaussians has a factor ½ in front, which yours lacks."""
    return 2 * _kl(mean_q, log_var_q, mean_p, log_var_p)


@mistake
def to_standard(mean_q, log_var_q, mean_p, log_var_p):
    """This is the KL to N(0, I): the parameters of p are not used."""
    return 0.5 * (mean_q**2 + log_var_q.exp() - 1 - log_var_q)


@mistake
def own_precision(mean_q, log_var_q, mean_p, log_var_p):
    """The gap between the means is measured in units of p's variance, not of q's."""
    gap = log_var_q - log_var_p
    return 0.5 * (gap.exp() - 1 - gap + (mean_q - mean_p).square() * (-log_var_q).exp())


@mistake
def log_var_as_log_sigma(mean_q, log_var_q, mean_p, log_var_p):
    """Both log-variances are taken for ln σ here; they are ln σ²."""
    return _kl(mean_q, 2 * log_var_q, mean_p, 2 * log_var_p)


@mistake
def log_sign(mean_q, log_var_q, mean_p, log_var_p):
    """The logarithm of the ratio of the variances has the wrong sign."""
    return _kl(mean_q, log_var_q, mean_p, log_var_p) + log_var_q - log_var_p


@mistake
def no_minus_one(mean_q, log_var_q, mean_p, log_var_p):
    """A term is missing: two equal Gaussians must have a KL of 0."""
    return _kl(mean_q, log_var_q, mean_p, log_var_p) + 0.5


@mistake
def summed(mean_q, log_var_q, mean_p, log_var_p):
    """Keep one value per dimension: the sum over dimensions comes later."""
    return _kl(mean_q, log_var_q, mean_p, log_var_p).sum(-1)


@mistake
def means_only(mean_q, log_var_q, mean_p, log_var_p):
    """Only the gap between the means is counted; different widths cost nats, too."""
    return 0.5 * (mean_q - mean_p).square() * (-log_var_p).exp()


@mistake
def variance_ratio_inverted(mean_q, log_var_q, mean_p, log_var_p):
    """The ratio of the variances is upside down: it is σ_q²/σ_p²."""
    gap = log_var_q - log_var_p
    return 0.5 * ((-gap).exp() - 1 - gap + (mean_q - mean_p).square() * (-log_var_p).exp())


@mistake
def at_the_mean(mean_q, log_var_q, mean_p, log_var_p):
    """You evaluated ln q − ln p at the mean of q; the KL is its expectation over all of q."""
    q, p = Normal(mean_q, (log_var_q / 2).exp()), Normal(mean_p, (log_var_p / 2).exp())
    return q.log_prob(mean_q) - p.log_prob(mean_q)


@mistake
def sampled(mean_q, log_var_q, mean_p, log_var_p):
    """You estimated the KL by ln q − ln p at one sample of q; it has a closed form."""
    q, p = Normal(mean_q, (log_var_q / 2).exp()), Normal(mean_p, (log_var_p / 2).exp())
    z = q.rsample()
    return q.log_prob(z) - p.log_prob(z)


@mistake
def bits(mean_q, log_var_q, mean_p, log_var_p):
    """These are bits: the KL is wanted in nats, by natural logarithms."""
    return _kl(mean_q, log_var_q, mean_p, log_var_p) / torch.tensor(2.0).log()


@mistake
def gap_not_squared(mean_q, log_var_q, mean_p, log_var_p):
    """The gap between the means enters squared."""
    gap = log_var_q - log_var_p
    return 0.5 * (gap.exp() - 1 - gap + (mean_q - mean_p).abs() * (-log_var_p).exp())


@mutant
def clamped(mean_q, log_var_q, mean_p, log_var_p):
    return _kl(mean_q, log_var_q.clamp(-10, 10), mean_p, log_var_p.clamp(-10, 10))


@mutant
def prior_detached(mean_q, log_var_q, mean_p, log_var_p):
    return _kl(mean_q, log_var_q, mean_p.detach(), log_var_p.detach())


@mutant
def overwritten(mean_q, log_var_q, mean_p, log_var_p):
    value = _kl(mean_q, log_var_q, mean_p, log_var_p)
    if not mean_q.requires_grad:
        mean_q -= mean_p
    return value


@mistake
def quotient_of_exponentials(mean_q, log_var_q, mean_p, log_var_p):
    """You divide two exponentials that may both be 0 or inf: subtract the logarithms first."""
    variance_q, variance_p = log_var_q.exp(), log_var_p.exp()
    ratio = (variance_q + (mean_q - mean_p).square()) / variance_p
    return 0.5 * (ratio - 1 - log_var_q + log_var_p)


@mistake
def zero_times_infinity(mean_q, log_var_q, mean_p, log_var_p):
    """You multiply the squared gap between the means by a precision that may overflow: equal narrow
    Gaussians then give NaN, not 0."""
    gap = log_var_q - log_var_p
    return 0.5 * (gap.exp() - 1 - gap + (mean_q - mean_p).square() * (-log_var_p).exp())
