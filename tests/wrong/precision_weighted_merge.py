"""Wrong versions of precision_weighted_merge (task 6.2)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "6.2"


def _merge(mean_1, log_var_1, mean_2, log_var_2):
    weight = torch.sigmoid(log_var_2 - log_var_1)
    mean = weight * mean_1 + (1 - weight) * mean_2
    return mean, -torch.logaddexp(-log_var_1, -log_var_2)


@mistake
def plain_mean(mean_1, log_var_1, mean_2, log_var_2):
    """The means are averaged with equal weights: the more certain one must count more."""
    return (mean_1 + mean_2) / 2, _merge(mean_1, log_var_1, mean_2, log_var_2)[1]


@mistake
def variance_weighted(mean_1, log_var_1, mean_2, log_var_2):
    """The weights are the variances, so the less certain mean counts more: use precisions."""
    mean, _ = _merge(mean_1, log_var_2, mean_2, log_var_1)
    return mean, _merge(mean_1, log_var_1, mean_2, log_var_2)[1]


@mistake
def sum_of_variances(mean_1, log_var_1, mean_2, log_var_2):
    """You added the variances; in a product of densities the precisions add."""
    mean, _ = _merge(mean_1, log_var_1, mean_2, log_var_2)
    return mean, torch.logaddexp(log_var_1, log_var_2)


@mistake
def mean_of_variances(mean_1, log_var_1, mean_2, log_var_2):
    """The merged variance is the mean of the two, but two opinions are surer than one."""
    mean, _ = _merge(mean_1, log_var_1, mean_2, log_var_2)
    return mean, torch.logaddexp(log_var_1, log_var_2) - math.log(2)


@mistake
def log_precision(mean_1, log_var_1, mean_2, log_var_2):
    """What you return beside the mean is the logarithm of the precision, not of the variance."""
    mean, log_var = _merge(mean_1, log_var_1, mean_2, log_var_2)
    return mean, -log_var


@mistake
def log_sigma(mean_1, log_var_1, mean_2, log_var_2):
    """You return ln σ of the merged Gaussian; ln σ² is wanted."""
    mean, log_var = _merge(mean_1, log_var_1, mean_2, log_var_2)
    return mean, log_var / 2


@mistake
def log_var_as_log_sigma(mean_1, log_var_1, mean_2, log_var_2):
    """The log-variances are taken for ln σ on the way in and out; they are ln σ²."""
    mean, log_var = _merge(mean_1, 2 * log_var_1, mean_2, 2 * log_var_2)
    return mean, log_var / 2


@mistake
def sigma_weights(mean_1, log_var_1, mean_2, log_var_2):
    """The means are weighted by 1/σ; the precision is 1/σ²."""
    mean, _ = _merge(mean_1, log_var_1 / 2, mean_2, log_var_2 / 2)
    return mean, _merge(mean_1, log_var_1, mean_2, log_var_2)[1]


@mistake
def mixture(mean_1, log_var_1, mean_2, log_var_2):
    """These are the moments of a mixture, of one opinion or the other; wanted is a product."""
    variance = (log_var_1.exp() + log_var_2.exp()) / 2 + (mean_1 - mean_2) ** 2 / 4
    return (mean_1 + mean_2) / 2, variance.log()


@mistake
def one_side(mean_1, log_var_1, mean_2, log_var_2):
    """The second Gaussian has no influence on your result."""
    return mean_1, log_var_1


@mistake
def averaged_log_var(mean_1, log_var_1, mean_2, log_var_2):
    """The log-variances are averaged; it is the precisions that add up."""
    mean, _ = _merge(mean_1, log_var_1, mean_2, log_var_2)
    return mean, (log_var_1 + log_var_2) / 2


@mistake
def means_not_normalised(mean_1, log_var_1, mean_2, log_var_2):
    """The weighted means are added, but not divided by the sum of the precisions."""
    mean = mean_1 * (-log_var_1).exp() + mean_2 * (-log_var_2).exp()
    return mean, _merge(mean_1, log_var_1, mean_2, log_var_2)[1]


@mistake
def standard_prior_merged_too(mean_1, log_var_1, mean_2, log_var_2):
    """A third opinion, N(0, 1), has crept into the product."""
    merged = _merge(mean_1, log_var_1, mean_2, log_var_2)
    return _merge(*merged, torch.zeros_like(mean_1), torch.zeros_like(mean_1))


@mutant
def overflow(mean_1, log_var_1, mean_2, log_var_2):
    one, two = (-log_var_1).exp(), (-log_var_2).exp()
    return (mean_1 * one + mean_2 * two) / (one + two), -(one + two).log()


@mutant
def clamped(mean_1, log_var_1, mean_2, log_var_2):
    one, two = (-log_var_1.clamp(-30, 30)).exp(), (-log_var_2.clamp(-30, 30)).exp()
    return (mean_1 * one + mean_2 * two) / (one + two), -(one + two).log()


@mutant
def epsilon(mean_1, log_var_1, mean_2, log_var_2):
    mean, log_var = _merge(mean_1, log_var_1, mean_2, log_var_2)
    return mean, (log_var.exp() + 1e-3).log()
