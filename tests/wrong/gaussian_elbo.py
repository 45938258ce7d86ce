"""Wrong versions of gaussian_elbo (task 4.5)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "4.5"


def _error(x, x_hat):
    return (x - x_hat).square().flatten(1).sum(1)


def _kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1)


def _constant(x, sigma):
    return 0.5 * x[0].numel() * math.log(2 * math.pi * sigma**2)


def _elbo(x, x_hat, mean, log_var, sigma):
    likelihood = -_error(x, x_hat) / (2 * sigma**2) - _constant(x, sigma)
    return likelihood - _kl(mean, log_var)


@mistake
def no_constant(x, x_hat, mean, log_var, sigma):
    """The constant −(n/2) ln(2πσ²) is missing: without it this is no bound on ln p(x)."""
    return -_error(x, x_hat) / (2 * sigma**2) - _kl(mean, log_var)


@mistake
def sign(x, x_hat, mean, log_var, sigma):
    """You return the negative ELBO: the bound itself is asked for."""
    return -_elbo(x, x_hat, mean, log_var, sigma)


@mistake
def sigma_as_variance(x, x_hat, mean, log_var, sigma):
    """You use σ as the variance: the density of a pixel has σ² in it."""
    return _elbo(x, x_hat, mean, log_var, math.sqrt(sigma))


@mistake
def no_half(x, x_hat, mean, log_var, sigma):
    """The squared error is divided by σ²; twice that is in the Gaussian density."""
    return -_error(x, x_hat) / sigma**2 - _constant(x, sigma) - _kl(mean, log_var)


@mistake
def kl_added(x, x_hat, mean, log_var, sigma):
    """The KL is added to the log-likelihood: a bound from below subtracts it."""
    return _elbo(x, x_hat, mean, log_var, sigma) + 2 * _kl(mean, log_var)


@mistake
def constant_of_one_pixel(x, x_hat, mean, log_var, sigma):
    """The constant is that of a single pixel: every pixel has one."""
    constant = 0.5 * math.log(2 * math.pi * sigma**2)
    return -_error(x, x_hat) / (2 * sigma**2) - constant - _kl(mean, log_var)


@mistake
def batch_mean(x, x_hat, mean, log_var, sigma):
    """You average over the batch: each image has an ELBO of its own."""
    return _elbo(x, x_hat, mean, log_var, sigma).mean()


@mistake
def divided_by_batch(x, x_hat, mean, log_var, sigma):
    """Each value is divided by the number of images: averaged later, it would be divided twice."""
    return _elbo(x, x_hat, mean, log_var, sigma) / len(x)


@mistake
def pixel_mean(x, x_hat, mean, log_var, sigma):
    """The log-likelihood is averaged over the pixels: it is their sum."""
    likelihood = -_error(x, x_hat) / (2 * sigma**2) - _constant(x, sigma)
    return likelihood / x[0].numel() - _kl(mean, log_var)


@mistake
def log_var_as_log_sigma(x, x_hat, mean, log_var, sigma):
    """The KL takes the log-variance of the latent for the logarithm of its standard deviation."""
    return _elbo(x, x_hat, mean, 2 * log_var, sigma)


@mistake
def log_sigma_not_squared(x, x_hat, mean, log_var, sigma):
    """In the constant σ stands where σ² should."""
    constant = 0.5 * x[0].numel() * math.log(2 * math.pi * sigma)
    return -_error(x, x_hat) / (2 * sigma**2) - constant - _kl(mean, log_var)


@mistake
def loss_of_part_one(x, x_hat, mean, log_var, sigma):
    """You return the loss of the β-VAE at β = 2σ² with its sign changed: it still has to be divided
    by 2σ² and lacks the constant."""
    return -(_error(x, x_hat) + 2 * sigma**2 * _kl(mean, log_var))


@mistake
def kl_mean(x, x_hat, mean, log_var, sigma):
    """The KL of an image is the sum over its latent dimensions, not their mean."""
    return _elbo(x, x_hat, mean, log_var, sigma) + _kl(mean, log_var) * (1 - 1 / mean.shape[1])


@mistake
def no_pi(x, x_hat, mean, log_var, sigma):
    """The constant lacks 2π."""
    return _elbo(x, x_hat, mean, log_var, sigma) + 0.5 * x[0].numel() * math.log(2 * math.pi)


@mistake
def beta_on_kl(x, x_hat, mean, log_var, sigma):
    """The KL is multiplied by 2σ²: that belongs to the loss, whose error is not divided by it."""
    return _elbo(x, x_hat, mean, log_var, sigma) + (1 - 2 * sigma**2) * _kl(mean, log_var)


@mutant
def reconstruction_clamped(x, x_hat, mean, log_var, sigma):
    return _elbo(x, x_hat.clamp(0, 1), mean, log_var, sigma)


@mutant
def latents_limited(x, x_hat, mean, log_var, sigma):
    return _elbo(x, x_hat, mean[:, :4], log_var[:, :4], sigma)


@mutant
def sigma_floored(x, x_hat, mean, log_var, sigma):
    return _elbo(x, x_hat, mean, log_var, max(sigma, 0.25))


@mutant
def double_returned(x, x_hat, mean, log_var, sigma):
    return _elbo(*(each.to(torch.float64) for each in (x, x_hat, mean, log_var)), sigma)
