"""Wrong versions of linear_elbo (task 4.6)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "4.6"


def _split(variances, latent_dim):
    descending = variances.double().sort(descending=True).values
    return descending[:latent_dim], descending[latent_dim:]


def _elbo(coded, dropped, sigma):
    level = sigma**2
    error = coded.clamp(max=level).sum() + dropped.sum()
    rate = 0.5 * (coded / level).clamp(min=1).log().sum()
    return (-error / (2 * level) - rate - _constant(len(coded) + len(dropped), sigma)).item()


def _constant(n, sigma):
    return 0.5 * n * math.log(2 * math.pi * sigma**2)


@mistake
def no_constant(variances, sigma, latent_dim):
    """The constant −(n/2) ln(2πσ²) is missing."""
    return _elbo(*_split(variances, latent_dim), sigma) + _constant(len(variances), sigma)


@mistake
def level_half(variances, sigma, latent_dim):
    """Your water level is half of σ²: with β = 2σ² it is σ² itself."""
    return _elbo(*_split(variances, latent_dim), sigma / math.sqrt(2))


@mistake
def sigma_as_variance(variances, sigma, latent_dim):
    """You use σ as the variance of a pixel: it is the standard deviation."""
    return _elbo(*_split(variances, latent_dim), math.sqrt(sigma))


@mistake
def all_components(variances, sigma, latent_dim):
    """Every component is coded: there are only latent_dim latents."""
    return _elbo(*_split(variances, len(variances)), sigma)


@mistake
def dropped_lost(variances, sigma, latent_dim):
    """The components beyond latent_dim cost nothing: what becomes of their variance?"""
    coded, dropped = _split(variances, latent_dim)
    return _elbo(coded, 0 * dropped, sigma)


@mistake
def not_sorted(variances, sigma, latent_dim):
    """The first components are coded: it should be the largest ones."""
    variances = variances.double()
    return _elbo(variances[:latent_dim], variances[latent_dim:], sigma)


@mistake
def negative_rates(variances, sigma, latent_dim):
    """Components below σ² get a negative rate: they are silent, and their rate is 0."""
    coded, dropped = _split(variances, latent_dim)
    refund = 0.5 * (coded.clamp(min=1e-9) / sigma**2).clamp(max=1).log().sum()
    return _elbo(coded, dropped, sigma) - refund.item()


@mistake
def rate_added(variances, sigma, latent_dim):
    """The rate is added to the ELBO: the KL is subtracted."""
    coded, dropped = _split(variances, latent_dim)
    rate = 0.5 * (coded / sigma**2).clamp(min=1).log().sum()
    return _elbo(coded, dropped, sigma) + 2 * rate.item()


@mistake
def distortion_not_halved(variances, sigma, latent_dim):
    """The distortion is divided by σ²; a Gaussian pixel divides it by 2σ²."""
    coded, dropped = _split(variances, latent_dim)
    error = coded.clamp(max=sigma**2).sum() + dropped.sum()
    return _elbo(coded, dropped, sigma) - error.item() / (2 * sigma**2)


@mistake
def latent_constant(variances, sigma, latent_dim):
    """The constant counts the latents: it belongs to the pixels."""
    extra = _constant(len(variances), sigma) - _constant(latent_dim, sigma)
    return _elbo(*_split(variances, latent_dim), sigma) + extra


@mistake
def free_sigma(variances, sigma, latent_dim):
    """You fit σ² to the components that are left out, as full probabilistic PCA does: here σ is
    given."""
    coded, dropped = _split(variances, latent_dim)
    fitted = dropped.mean().sqrt().item() if len(dropped) else sigma
    return _elbo(coded, dropped, max(fitted, 1e-3))


@mistake
def rate_without_half(variances, sigma, latent_dim):
    """The rate of a component lacks the factor ½."""
    coded, dropped = _split(variances, latent_dim)
    rate = 0.5 * (coded / sigma**2).clamp(min=1).log().sum()
    return _elbo(coded, dropped, sigma) - rate.item()


@mistake
def cost_returned(variances, sigma, latent_dim):
    """You return the loss: the ELBO is its negative."""
    return -_elbo(*_split(variances, latent_dim), sigma)


@mistake
def perfect_reconstruction(variances, sigma, latent_dim):
    """Coded components are reconstructed without error: each keeps an error of σ²."""
    coded, dropped = _split(variances, latent_dim)
    kept = coded[coded > sigma**2]
    return _elbo(coded, dropped, sigma) + 0.5 * len(kept)


@mutant
def latents_limited(variances, sigma, latent_dim):
    return _elbo(*_split(variances, min(latent_dim, 32)), sigma)


@mutant
def variances_floored(variances, sigma, latent_dim):
    return _elbo(*_split(variances.clamp(min=0.1), latent_dim), sigma)


@mutant
def smallest_never_coded(variances, sigma, latent_dim):
    return _elbo(*_split(variances, max(1, min(latent_dim, len(variances) - 1))), sigma)


@mutant
def averaged(variances, sigma, latent_dim):
    coded, dropped = _split(variances, latent_dim)
    level = torch.tensor(sigma**2)
    return _elbo(torch.where(coded > level, coded.mean(), coded), dropped, sigma)
