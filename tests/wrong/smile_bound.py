"""Wrong versions of smile_bound (task 3.6). A docstring is what the student is told."""

import math

from rdlab.mutual_information import dv_bound
from tests.wrong import mistake, mutant

TASK = "3.6"


@mistake
def clip_ignored(joint_scores, marginal_scores, clip=5.0):
    """You always clip at 5; use the argument."""
    return dv_bound(joint_scores, marginal_scores.clamp(-5, 5))


@mistake
def exponential_clipped(joint_scores, marginal_scores, clip=5.0):
    """You clip e^T to [−clip, clip]. The scores are clipped, before the exponential."""
    return joint_scores.mean() - marginal_scores.exp().clamp(-clip, clip).mean().log()


@mistake
def joint_clipped(joint_scores, marginal_scores, clip=5.0):
    """You clip the joint scores as well. Only the marginal ones are clipped."""
    return dv_bound(joint_scores.clamp(-clip, clip), marginal_scores.clamp(-clip, clip))


@mistake
def not_clipped(joint_scores, marginal_scores, clip=5.0):
    """You clip nothing: this is the DV bound."""
    return dv_bound(joint_scores, marginal_scores)


@mistake
def other_default(joint_scores, marginal_scores, clip=10.0):
    """Your clip is 10 unless another is given. The default is 5."""
    m = marginal_scores.clamp(-clip, clip)
    return joint_scores.mean() - m.logsumexp(0) + math.log(len(m))


@mistake
def result_clipped(joint_scores, marginal_scores, clip=5.0):
    """You clip the estimate. The marginal scores are clipped, one by one."""
    return dv_bound(joint_scores, marginal_scores).clamp(-clip, clip)


@mistake
def upper_only(joint_scores, marginal_scores, clip=5.0):
    """You clip large scores only. Scores below −clip are lifted to it."""
    return dv_bound(joint_scores, marginal_scores.clamp(max=clip))


@mutant
def clip_limited(joint_scores, marginal_scores, clip=5.0):
    # A clip above 20 counts as 20: shows that a check has a wider one.
    clip = min(clip, 20.0)
    m = marginal_scores.clamp(-clip, clip)
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))


@mutant
def scores_overwritten(joint_scores, marginal_scores, clip=5.0):
    # Overwrites the scores only where no gradient would notice.
    if not marginal_scores.requires_grad:
        marginal_scores.clamp_(-clip, clip)
    m = marginal_scores.clamp(-clip, clip)
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))


@mutant
def straight_through(joint_scores, marginal_scores, clip=5.0):
    # Every value is right; clipped scores keep their gradient.
    m = marginal_scores + (marginal_scores.clamp(-clip, clip) - marginal_scores).detach()
    return joint_scores.mean() - (m.logsumexp(0) - math.log(len(m)))


@mutant
def clip_limited_at_70(joint_scores, marginal_scores, clip=5.0):
    # Clips beyond 70 count as 70.
    return dv_bound(joint_scores, marginal_scores.clamp(-min(clip, 70), min(clip, 70)))


@mistake
def exponentials_clipped_apart(joint_scores, marginal_scores, clip=5.0):
    """You clip e^T in place of T. Where e^T overflows, that gives its gradient as NaN, and a large
    clip as inf: clip the scores."""
    exponentials = marginal_scores.exp().clamp(math.exp(-clip), math.exp(clip))
    return joint_scores.mean() - exponentials.mean().log()


@mistake
def large_clip_overflows(joint_scores, marginal_scores, clip=5.0):
    """You exponentiate clipped scores as they are: with a large clip e^T still overflows."""
    return joint_scores.mean() - marginal_scores.clamp(-clip, clip).exp().mean().log()
