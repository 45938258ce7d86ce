"""Wrong versions of dv_bound (task 3.2). A docstring is what the student is told."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "3.2"


@mistake
def bits(joint_scores, marginal_scores):
    """Your Donsker–Varadhan bound is in bits. Report it in nats."""
    log_mean_exp = marginal_scores.logsumexp(0) - math.log(len(marginal_scores))
    return (joint_scores.mean() - log_mean_exp) / math.log(2)


@mistake
def clamped(joint_scores, marginal_scores):
    """You clamp large scores to keep exp() finite, which changes the bound. Shift them instead, and
    undo the shift after the logarithm."""
    return joint_scores.mean() - marginal_scores.clamp(max=80).exp().mean().log()


@mistake
def epsilon(joint_scores, marginal_scores):
    """You add a constant before the logarithm. When all marginal scores are very low, it takes
    over."""
    top = marginal_scores.max().clamp(min=0)
    return joint_scores.mean() - ((marginal_scores - top).exp().mean() + 1e-8).log() - top


@mistake
def epsilon_after_shift(joint_scores, marginal_scores):
    """You add a small constant before the logarithm, which also changes the gradient."""
    top = marginal_scores.max().detach()
    return joint_scores.mean() - ((marginal_scores - top).exp().mean() + 1e-6).log() - top


@mistake
def joint_count(joint_scores, marginal_scores):
    """You divide the marginal exponentials by the number of joint scores. The two need not be
    equal."""
    return joint_scores.mean() - marginal_scores.logsumexp(0) + math.log(len(joint_scores))


@mistake
def joint_shift(joint_scores, marginal_scores):
    """You shift the marginal scores by the largest joint score. Where the two lie far apart, exp()
    still overflows."""
    top = joint_scores.max()
    return joint_scores.mean() - (marginal_scores - top).exp().mean().log() - top


@mistake
def loss(joint_scores, marginal_scores):
    """You return the loss of the Donsker–Varadhan bound. The bound is its negative."""
    return marginal_scores.logsumexp(0) - math.log(len(marginal_scores)) - joint_scores.mean()


@mistake
def mean_of_logs(joint_scores, marginal_scores):
    """You average the marginal scores themselves: the mean of ln e^T is not ln of the mean of
    e^T."""
    return joint_scores.mean() - marginal_scores.mean()


@mistake
def no_logarithm(joint_scores, marginal_scores):
    """The marginal term lacks its logarithm; this is a looser bound of another kind."""
    return joint_scores.mean() - marginal_scores.exp().mean() + 1


@mistake
def overflow(joint_scores, marginal_scores):
    """exp(T) overflows for scores of a hundred: your bound becomes −inf. Take the logarithm of the
    mean exponential in a stable way."""
    return joint_scores.mean() - marginal_scores.exp().mean().log()


@mistake
def shift_half_detached(joint_scores, marginal_scores):
    """You detach the largest score where it is subtracted and not where it is added back, so it
    gets a gradient that it has not."""
    top = marginal_scores.max()
    return joint_scores.mean() - (marginal_scores - top.detach()).exp().mean().log() - top


@mistake
def shift_not_undone(joint_scores, marginal_scores):
    """You shift the scores before exp() and never add the shift back."""
    top = marginal_scores.max()
    return joint_scores.mean() - (marginal_scores - top).exp().mean().log()


@mistake
def sum_for_mean(joint_scores, marginal_scores):
    """You take the logarithm of a sum of exponentials. The bound needs their mean."""
    return joint_scores.mean() - marginal_scores.logsumexp(0)


@mistake
def swapped(joint_scores, marginal_scores):
    """Joint and marginal scores have changed places: the logarithm belongs to the marginal ones."""
    return marginal_scores.mean() - joint_scores.logsumexp(0) + math.log(len(joint_scores))


@mistake
def shift_by_all(joint_scores, marginal_scores):
    """You shift by the largest of all scores, so exp() of far smaller marginal ones is 0."""
    top = torch.cat([joint_scores, marginal_scores]).max().detach()
    return joint_scores.mean() - (marginal_scores - top).exp().mean().log() - top


@mistake
def shift_not_below_zero(joint_scores, marginal_scores):
    """Your shift is never below 0, so where all marginal scores are very low, every exp() is 0."""
    top = marginal_scores.max().clamp(min=0).detach()
    return joint_scores.mean() - (marginal_scores - top).exp().mean().log() - top


@mutant
def first_scores(joint_scores, marginal_scores):
    # Reads 1024 marginal scores: shows that a check has more.
    m = marginal_scores[:1024]
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))


@mutant
def fixed_points_dropped(joint_scores, marginal_scores):
    # Differs only where a marginal score repeats the joint score beside it.
    m = marginal_scores
    if len(m) == len(joint_scores):
        m = m[~torch.isclose(m, joint_scores)] if (~torch.isclose(m, joint_scores)).any() else m
    return joint_scores.mean() - m.logsumexp(0) + math.log(len(m))


@mutant
def loose_clamp(joint_scores, marginal_scores):
    # A range so wide that only scores of several hundred leave it.
    m = marginal_scores.clamp(-600, 600)
    return joint_scores.clamp(-600, 600).mean() - (m.logsumexp(0) - math.log(len(m)))


@mutant
def scores_overwritten(joint_scores, marginal_scores):
    # Overwrites the scores only where no gradient would notice.
    if marginal_scores.requires_grad:
        log_sum = marginal_scores.logsumexp(0)
        return joint_scores.mean() - log_sum + math.log(len(marginal_scores))
    top = marginal_scores.max()
    marginal_scores -= top
    return joint_scores.mean() - marginal_scores.exp().mean().log() - top


@mutant
def surrogate_without_gradients(joint_scores, marginal_scores):
    # Right where gradients are recorded: shows that values are checked without them.
    if not torch.is_grad_enabled():
        return joint_scores.mean() - marginal_scores.exp().mean() + 1
    return joint_scores.mean() - marginal_scores.logsumexp(0) + math.log(len(marginal_scores))


@mutant
def many_scores_cut(joint_scores, marginal_scores):
    # Reads 8,000 scores: shows that a check has more.
    joint_scores, marginal_scores = joint_scores[:8000], marginal_scores[:8000]
    log_mean_exp = marginal_scores.logsumexp(0) - math.log(len(marginal_scores))
    return joint_scores.mean() - log_mean_exp


@mutant
def gradient_clipped(joint_scores, marginal_scores):
    # Every value is right; gradients beyond ±100 are cut off.
    bound = joint_scores.mean() - marginal_scores.logsumexp(0) + math.log(len(marginal_scores))
    if bound.requires_grad:
        bound.register_hook(lambda gradient: gradient.clamp(-100, 100))
    return bound
