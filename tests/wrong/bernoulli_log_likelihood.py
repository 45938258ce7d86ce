"""Wrong versions of bernoulli_log_likelihood (task 4.2)."""

import math

import torch
import torch.nn.functional as F

from tests.wrong import mistake, mutant

TASK = "4.2"


def _per_pixel(x, logits):
    return x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)


def _summed(values):
    return values.flatten(1).sum(1)


@mistake
def sign(x, logits):
    """You return the loss, −ln p(x): a log-likelihood is asked for, which is at most 0."""
    return -_summed(_per_pixel(x, logits))


@mistake
def pixel_mean(x, logits):
    """You average over the pixels: the likelihood of an image is a product, so its logarithm is
    a sum."""
    return _per_pixel(x, logits).flatten(1).mean(1)


@mistake
def batch_mean(x, logits):
    """You average over the batch: each image has a log-likelihood of its own."""
    return _summed(_per_pixel(x, logits)).mean()


@mistake
def ones_only(x, logits):
    """Only the white pixels count: what does a black one cost?"""
    return _summed(x * F.logsigmoid(logits))


@mistake
def epsilon(x, logits):
    """A small number inside the logarithm keeps it finite, but at large logits the value is then
    wrong by far."""
    p = logits.sigmoid()
    return _summed(x * (p + 1e-8).log() + (1 - x) * (1 - p + 1e-8).log())


@mistake
def naive(x, logits):
    """The sigmoid rounds to 0 or 1 and its logarithm to minus infinity: work with the logits."""
    p = logits.sigmoid()
    return _summed(x * p.log() + (1 - x) * (1 - p).log())


@mistake
def clamped_at_hundred(x, logits):
    """The binary cross-entropy of probabilities is clamped at 100 nats per pixel: there is a
    form that takes logits."""
    return -_summed(F.binary_cross_entropy(logits.sigmoid(), x, reduction="none"))


@mistake
def logits_as_probabilities(x, logits):
    """You use the logits as if they were probabilities: the sigmoid is still to come."""
    p = logits.clamp(1e-6, 1 - 1e-6)
    return _summed(x * p.log() + (1 - x) * (1 - p).log())


@mistake
def double_sigmoid(x, logits):
    """The sigmoid is applied twice: the function you call takes logits and applies its own."""
    return _summed(_per_pixel(x, logits.sigmoid()))


@mistake
def squared_error(x, logits):
    """You return a squared error: that is the likelihood of Gaussian pixels."""
    return -_summed((x - logits.sigmoid()).square())


@mistake
def images_rounded(x, logits):
    """You round the images: grey pixels should count both terms in proportion."""
    return _summed(_per_pixel(x.round(), logits))


@mistake
def bits(x, logits):
    """Your log-likelihood is in bits; nats are asked for."""
    return _summed(_per_pixel(x, logits)) / math.log(2)


@mistake
def logits_clamped(x, logits):
    """You keep the logits within a range: a wrong pixel then costs too little, and beyond the
    range nothing is learned."""
    return _summed(_per_pixel(x, logits.clamp(-15, 15)))


@mistake
def swapped(x, logits):
    """Black and white have changed places: the logit belongs to the pixel being 1."""
    return _summed(_per_pixel(1 - x, logits))


@mistake
def channels_kept(x, logits):
    """You add up the last axes only: an image has one value, whatever its number of axes."""
    return _per_pixel(x, logits).sum((-2, -1)) if x.ndim > 3 else _summed(_per_pixel(x, logits))


@mutant
def first_images(x, logits):
    values = _summed(_per_pixel(x, logits))
    return torch.cat([values[:256], values[256:] * 0])


@mutant
def gradient_stops(x, logits):
    inside = torch.where(logits.abs() < 100, logits, logits.detach())
    return _summed(_per_pixel(x, inside))


@mutant
def single_precision(x, logits):
    return _summed(_per_pixel(x.float(), logits.float())).to(x.dtype)
