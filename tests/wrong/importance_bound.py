"""Wrong versions of importance_bound (task 4.9)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "4.9"


def _bound(log_weights):
    return log_weights.logsumexp(0) - math.log(len(log_weights))


@mistake
def mean_of_logs(log_weights):
    """You average the logarithms: that is the ELBO, whatever the number of samples."""
    return log_weights.mean(0)


@mistake
def no_log_k(log_weights):
    """The sum of the weights is not divided by their number: a mean is asked for."""
    return log_weights.logsumexp(0)


@mistake
def overflow(log_weights):
    """The weights themselves are computed, and underflow or overflow: stay with logarithms."""
    return log_weights.exp().mean(0).log()


@mistake
def over_images(log_weights):
    """You average over the images: the samples of one image are along the first axis."""
    return log_weights.logsumexp(1) - math.log(log_weights.shape[1])


@mistake
def averaged(log_weights):
    """You average over the images of the batch: each has a bound of its own."""
    return _bound(log_weights).mean()


@mistake
def largest(log_weights):
    """You take the largest weight: all of them count."""
    return log_weights.max(0).values


@mistake
def epsilon(log_weights):
    """A small number inside the logarithm hides every weight below it."""
    return (log_weights.exp().mean(0) + 1e-8).log()


@mistake
def of_everything(log_weights):
    """Samples and images are averaged together: only the samples are."""
    return log_weights.flatten().logsumexp(0) - math.log(log_weights.numel())


@mistake
def sign(log_weights):
    """You return the loss: the bound itself is asked for."""
    return -_bound(log_weights)


@mistake
def one_sample_fewer(log_weights):
    """The sum is divided by one less than the number of samples."""
    return log_weights.logsumexp(0) - math.log(max(1, len(log_weights) - 1))


@mistake
def normalised_weights(log_weights):
    """The log-weights are averaged with the normalised weights: that is the gradient's recipe, not
    the bound's value."""
    return (log_weights.softmax(0) * log_weights.nan_to_num(neginf=0)).sum(0)


@mistake
def bits(log_weights):
    """Your bound is in bits; nats are asked for."""
    return _bound(log_weights) / math.log(2)


@mistake
def one_shift_for_all(log_weights):
    """The largest log-weight of the whole batch is taken out: an image far below it still
    underflows. Each image needs its own."""
    top = log_weights.max()
    return top + (log_weights - top).exp().mean(0).log()


@mutant
def samples_limited(log_weights):
    return _bound(log_weights[:1000])


@mutant
def clamped(log_weights):
    return _bound(log_weights.clamp(-1000, 1000))


@mutant
def double_returned(log_weights):
    return _bound(log_weights.to(torch.float64))


@mistake
def nothing_minus_nothing(log_weights):
    """Where all weights of an image are 0 you subtract −∞ from −∞, which is NaN. Its bound is
    −∞."""
    top = log_weights.max(0).values
    return top + (log_weights - top).exp().mean(0).log()
