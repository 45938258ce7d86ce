"""Wrong versions of multivariate_gaussian_kl (task 4.1)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "4.1"


def _diagonal(matrix):
    return matrix.diagonal(dim1=-2, dim2=-1)


def _quadratic(gap, matrix):
    return (gap.unsqueeze(-2) @ matrix @ gap.unsqueeze(-1)).squeeze(-1).squeeze(-1)


def _kl(mean_1, covariance_1, mean_2, covariance_2):
    precision = torch.linalg.inv(covariance_2)
    trace = _diagonal(precision @ covariance_1).sum(-1)
    log_ratio = torch.logdet(covariance_2) - torch.logdet(covariance_1)
    return 0.5 * (_quadratic(mean_1 - mean_2, precision) + trace + log_ratio - mean_1.shape[-1])


@mistake
def no_half(mean_1, covariance_1, mean_2, covariance_2):
    """Your divergence lacks the factor ½: every value is twice as large as it should be."""
    return 2 * _kl(mean_1, covariance_1, mean_2, covariance_2)


@mistake
def reversed_direction(mean_1, covariance_1, mean_2, covariance_2):
    """You compute KL(N₂ ‖ N₁): the divergence is not symmetric, and the first one is asked for."""
    return _kl(mean_2, covariance_2, mean_1, covariance_1)


@mistake
def diagonal_only(mean_1, covariance_1, mean_2, covariance_2):
    """You use only the diagonals of the covariances: correlated components are lost."""
    first, second = (
        torch.diag_embed(_diagonal(covariance_1)),
        torch.diag_embed(_diagonal(covariance_2)),
    )
    return _kl(mean_1, first, mean_2, second)


@mistake
def no_dimension(mean_1, covariance_1, mean_2, covariance_2):
    """The number of dimensions is not subtracted: the divergence of a Gaussian from itself
    should be 0."""
    return _kl(mean_1, covariance_1, mean_2, covariance_2) + 0.5 * mean_1.shape[-1]


@mistake
def first_precision(mean_1, covariance_1, mean_2, covariance_2):
    """You measure the distance of the means with the covariance of the first Gaussian."""
    gap = mean_1 - mean_2
    own, other = (_quadratic(gap, torch.linalg.inv(each)) for each in (covariance_1, covariance_2))
    return _kl(mean_1, covariance_1, mean_2, covariance_2) + 0.5 * (own - other)


@mistake
def log_ratio_sign(mean_1, covariance_1, mean_2, covariance_2):
    """The log-determinants have the wrong signs: which of the two should make it larger?"""
    flipped = torch.logdet(covariance_1) - torch.logdet(covariance_2)
    return _kl(mean_1, covariance_1, mean_2, covariance_2) + flipped


@mistake
def trace_of_product(mean_1, covariance_1, mean_2, covariance_2):
    """The trace is that of the product of both covariances; one of them must be inverted."""
    wrong = _diagonal(covariance_1 @ covariance_2).sum(-1)
    right = _diagonal(torch.linalg.inv(covariance_2) @ covariance_1).sum(-1)
    return _kl(mean_1, covariance_1, mean_2, covariance_2) + 0.5 * (wrong - right)


@mistake
def mean_not_weighted(mean_1, covariance_1, mean_2, covariance_2):
    """You take the plain squared distance of the means: in which directions is it large compared
    with the second Gaussian?"""
    gap = mean_1 - mean_2
    weighted = _quadratic(gap, torch.linalg.inv(covariance_2))
    plain = gap.square().sum(-1)
    return _kl(mean_1, covariance_1, mean_2, covariance_2) + 0.5 * (plain - weighted)


@mistake
def determinant_underflow(mean_1, covariance_1, mean_2, covariance_2):
    """You take the logarithm of a determinant that underflows to 0 or overflows: the logarithm
    of a determinant can be had without the determinant."""
    precision = torch.linalg.inv(covariance_2)
    trace = _diagonal(precision @ covariance_1).sum(-1)
    ratio = torch.linalg.det(covariance_1) / torch.linalg.det(covariance_2)
    quadratic = _quadratic(mean_1 - mean_2, precision)
    return 0.5 * (quadratic + trace - ratio.log() - mean_1.shape[-1])


@mistake
def to_standard(mean_1, covariance_1, mean_2, covariance_2):
    """Your divergence is the one to N(0, I): the second Gaussian is not used."""
    identity = torch.eye(mean_1.shape[-1], dtype=mean_1.dtype).expand(covariance_2.shape)
    return _kl(mean_1, covariance_1, 0 * mean_2, identity)


@mistake
def bits(mean_1, covariance_1, mean_2, covariance_2):
    """Your divergence is in bits; nats are asked for."""
    return _kl(mean_1, covariance_1, mean_2, covariance_2) / math.log(2)


@mistake
def batch_summed(mean_1, covariance_1, mean_2, covariance_2):
    """You add up the divergences of all pairs: there is one value for each."""
    return _kl(mean_1, covariance_1, mean_2, covariance_2).sum()


@mistake
def covariance_as_scale(mean_1, covariance_1, mean_2, covariance_2):
    """You treat the covariances as scale matrices, which you square: they are covariances
    already."""
    first, second = covariance_1 @ covariance_1.mT, covariance_2 @ covariance_2.mT
    return _kl(mean_1, first, mean_2, second)


@mistake
def half_of_log_only(mean_1, covariance_1, mean_2, covariance_2):
    """The factor ½ is missing from the log-determinants; all four terms carry it."""
    log_ratio = torch.logdet(covariance_2) - torch.logdet(covariance_1)
    return _kl(mean_1, covariance_1, mean_2, covariance_2) + 0.5 * log_ratio


@mistake
def covariances_detached(mean_1, covariance_1, mean_2, covariance_2):
    """No gradient reaches the covariances: an encoder could not learn its variances."""
    return _kl(mean_1, covariance_1.detach(), mean_2, covariance_2.detach())


@mutant
def jitter(mean_1, covariance_1, mean_2, covariance_2):
    identity = 1e-6 * torch.eye(mean_1.shape[-1], dtype=mean_1.dtype)
    return _kl(mean_1, covariance_1 + identity, mean_2, covariance_2 + identity)


@mutant
def clamped_at_ten(mean_1, covariance_1, mean_2, covariance_2):
    return _kl(mean_1, covariance_1, mean_2, covariance_2).clamp(max=10)


@mutant
def at_most_hundred_pairs(mean_1, covariance_1, mean_2, covariance_2):
    values = _kl(mean_1, covariance_1, mean_2, covariance_2)
    return torch.where(torch.arange(values.numel()).view(values.shape) < 100, values, 0)


@mutant
def double_returned(mean_1, covariance_1, mean_2, covariance_2):
    return _kl(*(each.double() for each in (mean_1, covariance_1, mean_2, covariance_2)))
