"""Wrong versions of categorical_kl (task 6.7)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "6.7"


def _kl(logits):
    logs = logits.log_softmax(-1)
    return math.log(logits.shape[-1]) + (logs.exp() * logs).sum(-1)


@mistake
def entropy(logits):
    """This is the entropy; the KL is what it lacks to ln K."""
    return torch.special.entr(logits.softmax(-1)).sum(-1)


@mistake
def sign(logits):
    """A KL is never negative: the sign is reversed."""
    return -_kl(logits)


@mistake
def bits(logits):
    """Divide by ln 2 only where bits are asked for: here nats are."""
    return _kl(logits) / math.log(2)


@mistake
def no_log_k(logits):
    """ln K is missing: equal logits must give 0."""
    return -torch.special.entr(logits.softmax(-1)).sum(-1)


@mistake
def reversed_direction(logits):
    """This is the KL from the uniform distribution to the categorical one, the wrong way round."""
    return -math.log(logits.shape[-1]) - logits.log_softmax(-1).mean(-1)


@mistake
def batch_mean(logits):
    """You averaged over the batch; one value per distribution is wanted."""
    return _kl(logits).mean()


@mistake
def logits_as_probabilities(logits):
    """The logits are taken for probabilities: normalise them by a softmax first."""
    return torch.special.xlogy(logits, logits.abs() * logits.shape[-1]).sum(-1)


@mistake
def logits_as_log_probabilities(logits):
    """The logits are taken for log-probabilities, but they are not normalised."""
    return (logits.exp() * (logits + math.log(logits.shape[-1]))).sum(-1)


@mistake
def ten_values(logits):
    """K is the length of the last axis, and you assume ten values."""
    return math.log(10) - torch.special.entr(logits.softmax(-1)).sum(-1)


@mistake
def averaged_over_values(logits):
    """The terms of the K values are averaged; they must be summed."""
    return _kl(logits) / logits.shape[-1]


@mistake
def over_batch(logits):
    """The softmax runs over the wrong axis: the values are on the last one."""
    return math.log(logits.shape[-1]) - torch.special.entr(logits.softmax(0)).sum(-1)


@mutant
def zero_times_infinity(logits):
    probabilities = logits.softmax(-1)
    return (probabilities * (probabilities * logits.shape[-1]).log()).sum(-1)


@mutant
def epsilon(logits):
    probabilities = logits.softmax(-1)
    return (probabilities * (probabilities * logits.shape[-1] + 1e-2).log()).sum(-1)


@mutant
def clamped(logits):
    return _kl(logits.clamp(-10, 10))


@mistake
def gradient_not_finite(logits):
    """The value is right where a probability underflows to 0, but the gradient there is not finite:
    p ln p has an infinite slope at 0. Take the logarithms from the logits."""
    probabilities = logits.softmax(-1)
    return math.log(logits.shape[-1]) + torch.special.xlogy(probabilities, probabilities).sum(-1)
