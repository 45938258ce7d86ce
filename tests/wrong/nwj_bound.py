"""Wrong versions of nwj_bound (task 3.4). A docstring is what the student is told."""

import math

from tests.wrong import mistake, mutant

TASK = "3.4"


@mistake
def clamped(joint_scores, marginal_scores):
    """You keep the marginal scores from growing: large ones then cost too little."""
    return joint_scores.mean() - (marginal_scores.clamp(max=10) - 1).exp().mean()


@mistake
def exp_of_mean(joint_scores, marginal_scores):
    """You average the scores before exp(). Take the mean of the exponentials."""
    return joint_scores.mean() - (marginal_scores.mean() - 1).exp()


@mistake
def logarithm(joint_scores, marginal_scores):
    """You take the logarithm of the marginal term: that is the DV bound."""
    return joint_scores.mean() - marginal_scores.logsumexp(0) + math.log(len(marginal_scores))


@mistake
def loss(joint_scores, marginal_scores):
    """You return the loss of the NWJ bound. The bound is its negative."""
    return (marginal_scores - 1).exp().mean() - joint_scores.mean()


@mistake
def minus_outside(joint_scores, marginal_scores):
    """Your −1 stands outside the exponential. It belongs to the exponent."""
    return joint_scores.mean() - (marginal_scores.exp() - 1).mean()


@mistake
def no_shift(joint_scores, marginal_scores):
    """The exponent lacks the −1."""
    return joint_scores.mean() - marginal_scores.exp().mean()


@mistake
def swapped(joint_scores, marginal_scores):
    """Joint and marginal scores have changed places: the exponential belongs to the marginal
    ones."""
    return marginal_scores.mean() - (joint_scores - 1).exp().mean()


@mutant
def first_scores(joint_scores, marginal_scores):
    # Reads 256 marginal scores: shows that a check has more.
    return joint_scores.mean() - (marginal_scores[:256] - 1).exp().mean()


@mutant
def scores_overwritten(joint_scores, marginal_scores):
    # Overwrites the scores only where no gradient would notice.
    if not marginal_scores.requires_grad:
        marginal_scores -= 1
        return joint_scores.mean() - marginal_scores.exp().mean()
    return joint_scores.mean() - (marginal_scores - 1).exp().mean()


@mutant
def clamped_at_30(joint_scores, marginal_scores):
    # A limit so high that only extreme scores reach it.
    return joint_scores.mean() - (marginal_scores - 1).clamp(max=30).exp().mean()


@mutant
def gradient_limited(joint_scores, marginal_scores):
    # Every value is right; each score's gradient ends at 1,000.
    exponential = (marginal_scores - 1).exp()
    limited = exponential.detach().clamp(max=1000) * marginal_scores
    return joint_scores.mean() - (exponential.detach() + limited - limited.detach()).mean()
