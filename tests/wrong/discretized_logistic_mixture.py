"""Wrong versions of discretized_logistic_mixture (task 6.8)."""

import math

import torch
from torch.nn import functional as F

from tests.wrong import mistake, mutant

TASK = "6.8"


def _log_p(x, means, log_scales, half=1 / 255):
    """ln P of each component, (..., M)."""
    x = x.unsqueeze(-1)
    precision = (-log_scales).exp()
    above = (2 * x - 1 + half - means) * precision
    below = (2 * x - 1 - half - means) * precision
    inside = F.logsigmoid(above) + F.logsigmoid(-below)
    inside = inside + (-torch.expm1(-2 * half * precision)).log()
    outer = torch.where(x < 0.001, F.logsigmoid(above), F.logsigmoid(-below))
    return torch.where((x < 0.001) | (x > 0.999), outer, inside)


def _mixture(x, logits, means, log_scales):
    return (_log_p(x, means, log_scales) + logits.log_softmax(-1)).logsumexp(-1)


def _density(x, logits, means, log_scales):
    t = (2 * x.unsqueeze(-1) - 1 - means) * (-log_scales).exp()
    return (t - log_scales - 2 * F.softplus(t) + logits.log_softmax(-1)).logsumexp(-1)


@mistake
def no_edges(x, logits, means, log_scales):
    """The darkest and the brightest grey value have ordinary bins; theirs reach to infinity."""
    precision = (-log_scales).exp()
    y = 2 * x.unsqueeze(-1) - 1
    inside = F.logsigmoid((y + 1 / 255 - means) * precision)
    inside = inside + F.logsigmoid((means + 1 / 255 - y) * precision)
    inside = inside + (-torch.expm1(-2 / 255 * precision)).log()
    return (inside + logits.log_softmax(-1)).logsumexp(-1)


@mistake
def half_of_half(x, logits, means, log_scales):
    """Your bins are half as wide as they should be: on the scale of y they reach 1/255 each way."""
    return (_log_p(x, means, log_scales, 1 / 510) + logits.log_softmax(-1)).logsumexp(-1)


@mistake
def twice_as_wide(x, logits, means, log_scales):
    """Your bins overlap: they reach 1/127.5 each way, twice as far as they should."""
    return (_log_p(x, means, log_scales, 1 / 127.5) + logits.log_softmax(-1)).logsumexp(-1)


@mistake
def not_rescaled(x, logits, means, log_scales):
    """The components live on the scale y = 2x − 1, and x is not brought to it."""
    low, high = x < 0.001, x > 0.999
    shifted = (x + 1) / 2
    inside = _mixture(shifted.clamp(0.002, 0.998), logits, means, log_scales)
    return torch.where(low | high, _mixture(x, logits, means, log_scales), inside)


@mistake
def density(x, logits, means, log_scales):
    """This is a density; a grey value needs the probability of its bin."""
    return _density(x, logits, means, log_scales)


@mistake
def density_times_width(x, logits, means, log_scales):
    """The density in the middle of the bin times its width is not the probability of the bin."""
    return _density(x, logits, means, log_scales) + math.log(2 / 255)


@mistake
def scale_not_log(x, logits, means, log_scales):
    """The scales come as logarithms, and you use them as they are."""
    return _mixture(x, logits, means, log_scales.abs().log())


@mistake
def inverse_scale(x, logits, means, log_scales):
    """You multiply by the scale where you must divide by it."""
    return _mixture(x, logits, means, -log_scales)


@mistake
def weights_not_normalised(x, logits, means, log_scales):
    """The weights are not normalised: they are logits, their softmax sums to 1."""
    return (_log_p(x, means, log_scales) + logits).logsumexp(-1)


@mistake
def mean_of_logs(x, logits, means, log_scales):
    """You average the log-probabilities of the components: average the probabilities."""
    return (_log_p(x, means, log_scales) * logits.softmax(-1)).sum(-1)


@mistake
def edges_swapped(x, logits, means, log_scales):
    """The tails of the darkest and the brightest grey value are exchanged."""
    swapped = torch.where(x < 0.001, torch.ones_like(x), torch.where(x > 0.999, 0 * x, x))
    return _mixture(swapped, logits, means, log_scales)


@mistake
def uniform_weights(x, logits, means, log_scales):
    """All components count the same: the logits are not used."""
    return _mixture(x, torch.zeros_like(logits), means, log_scales)


@mistake
def pixels_summed(x, logits, means, log_scales):
    """One value per pixel is wanted; the sum over pixels comes later."""
    return _mixture(x, logits, means, log_scales).sum()


@mistake
def normal_components(x, logits, means, log_scales):
    """The components are Gaussian here; logistic ones are asked for, with the sigmoid as cdf."""
    cdf = torch.distributions.Normal(0.0, 1.0).cdf
    y, precision = 2 * x.unsqueeze(-1) - 1, (-log_scales).exp()
    high = torch.where(y > 0.999, 1.0, cdf((y + 1 / 255 - means) * precision))
    low = torch.where(y < -0.999, 0.0, cdf((y - 1 / 255 - means) * precision))
    return (((high - low).clamp(min=1e-30)).log() + logits.log_softmax(-1)).logsumexp(-1)


def _probabilities(x, means, log_scales):
    """P of each component by the difference of two sigmoids."""
    y, precision = 2 * x.unsqueeze(-1) - 1, (-log_scales).exp()
    high = torch.where(y > 0.999, 1.0, torch.sigmoid((y + 1 / 255 - means) * precision))
    low = torch.where(y < -0.999, 0.0, torch.sigmoid((y - 1 / 255 - means) * precision))
    return high - low


@mutant
def underflow(x, logits, means, log_scales):
    return (_probabilities(x, means, log_scales) * logits.softmax(-1)).sum(-1).log()


@mutant
def floor(x, logits, means, log_scales):
    probabilities = _probabilities(x, means, log_scales).clamp(min=1e-12)
    return (probabilities.log() + logits.log_softmax(-1)).logsumexp(-1)


@mutant
def density_where_small(x, logits, means, log_scales):
    probabilities = _probabilities(x, means, log_scales)
    t = (2 * x.unsqueeze(-1) - 1 - means) * (-log_scales).exp()
    fallback = t - log_scales - 2 * F.softplus(t) + math.log(2 / 255)
    small = probabilities < 1e-5
    log_p = torch.where(small, fallback, probabilities.clamp(min=1e-12).log())
    return (log_p + logits.log_softmax(-1)).logsumexp(-1)


@mutant
def narrow_scales_clamped(x, logits, means, log_scales):
    return _mixture(x, logits, means, log_scales.clamp(min=-5))
