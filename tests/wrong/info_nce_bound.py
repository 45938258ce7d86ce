"""Wrong versions of info_nce_bound (task 3.5). A docstring is what the student is told."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "3.5"


@mistake
def all_pairs(scores):
    """You average over all entries. Only the diagonal holds pairs that were drawn together."""
    return math.log(len(scores)) + scores.log_softmax(1).mean()


@mistake
def columns(scores):
    """Your denominator sums over i, down each column. It sums over j, along each row."""
    return math.log(len(scores)) + (scores.diagonal() - scores.logsumexp(0)).mean()


@mistake
def diagonal_excluded(scores):
    """You leave the pair itself out of the denominator, so your "bound" can exceed ln K."""
    own = torch.eye(len(scores), dtype=torch.bool)
    others = scores.masked_fill(own, -math.inf)
    return math.log(len(scores)) + (scores.diagonal() - others.logsumexp(1)).mean()


@mistake
def diagonal_zeroed(scores):
    """You multiply the diagonal away, but a masked 0 still counts e⁰ in the sum. The diagonal
    belongs in the denominator with its own score."""
    others = scores * (1 - torch.eye(len(scores), dtype=scores.dtype))
    return math.log(len(scores)) + (scores.diagonal() - others.logsumexp(1)).mean()


@mistake
def loss(scores):
    """You return the InfoNCE loss. The bound is its negative."""
    return (scores.logsumexp(1) - scores.diagonal()).mean() - math.log(len(scores))


@mistake
def negatives_counted(scores):
    """You use the logarithm of the number of negatives, K − 1. Each denominator has K terms."""
    k = len(scores)
    return math.log(max(k - 1, 1)) + (scores.diagonal() - scores.logsumexp(1)).mean()


@mistake
def no_log_k(scores):
    """The ln K is missing: your bound is never positive."""
    return (scores.diagonal() - scores.logsumexp(1)).mean()


@mistake
def one_denominator(scores):
    """You use one denominator for the whole matrix. Each row has its own."""
    k = len(scores)
    return scores.diagonal().mean() - scores.flatten().logsumexp(0) + 2 * math.log(k)


@mistake
def overflow(scores):
    """exp() of large scores overflows, and of low ones vanishes. Take the logarithm of the sum in a
    stable way."""
    share = scores.exp().diagonal() / scores.exp().sum(1)
    return math.log(len(scores)) + share.log().mean()


@mistake
def symmetric(scores):
    """You average over rows and columns. The bound asked for sums along rows alone."""
    both = (scores.logsumexp(0) + scores.logsumexp(1)) / 2
    return math.log(len(scores)) + (scores.diagonal() - both).mean()


@mutant
def pairs_limited(scores):
    # Reads 32 pairs: shows that a check has more.
    scores = scores[:32, :32]
    return math.log(len(scores)) + (scores.diagonal() - scores.logsumexp(1)).mean()


@mutant
def scores_overwritten(scores):
    # Overwrites the scores only where no gradient would notice.
    if not scores.requires_grad:
        scores -= scores.max(1, keepdim=True).values
    return math.log(len(scores)) + (scores.diagonal() - scores.logsumexp(1)).mean()


@mutant
def five_hundred_pairs(scores):
    # Averages over 512 pairs: shows that a check has more.
    gaps = scores.diagonal() - scores.logsumexp(1)
    return math.log(len(scores)) + gaps[:512].mean()
