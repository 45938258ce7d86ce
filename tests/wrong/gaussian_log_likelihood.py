"""Wrong versions of gaussian_log_likelihood (task 6.9)."""

import math

import torch
from torch.nn import functional as F

from tests.wrong import mistake, mutant

TASK = "6.9"


def _soft(log_sigma):
    return -6 + F.softplus(log_sigma + 6)


def _density(x, x_hat, log_sigma):
    """The log-density for a ln σ that is bounded already."""
    errors = (x - x_hat).square().flatten(1).sum(1) * (-2 * log_sigma).exp()
    return -0.5 * errors - x[0].numel() * (log_sigma + 0.5 * math.log(2 * math.pi))


@mistake
def no_floor(x, x_hat, log_sigma):
    """σ has no lower bound: on a perfect reconstruction it would run to 0."""
    return _density(x, x_hat, log_sigma)


@mistake
def hard_floor(x, x_hat, log_sigma):
    """A hard bound stops the gradient: once below the bound, σ can never come back."""
    return _density(x, x_hat, log_sigma.clamp(min=-6))


@mistake
def no_constant(x, x_hat, log_sigma):
    """The constant ½ ln 2π of each pixel is missing."""
    return _density(x, x_hat, _soft(log_sigma)) + x[0].numel() * 0.5 * math.log(2 * math.pi)


@mistake
def sigma_not_counted(x, x_hat, log_sigma):
    """Without the term in ln σ nothing keeps σ from growing."""
    soft = _soft(log_sigma)
    return _density(x, x_hat, soft) + x[0].numel() * soft


@mistake
def one_pixel(x, x_hat, log_sigma):
    """ln σ and the constant are counted once per image: every pixel has them."""
    soft = _soft(log_sigma)
    errors = (x - x_hat).square().flatten(1).sum(1) * (-2 * soft).exp()
    return -0.5 * errors - soft - 0.5 * math.log(2 * math.pi)


@mistake
def log_variance(x, x_hat, log_sigma):
    """The argument is ln σ, and you take it for ln σ²."""
    return _density(x, x_hat, _soft(log_sigma) / 2)


@mistake
def floor_at_zero(x, x_hat, log_sigma):
    """The bound lies at ln σ = 0, far too high: it belongs at −6."""
    return _density(x, x_hat, F.softplus(log_sigma))


@mistake
def sign(x, x_hat, log_sigma):
    """This is the negative log-likelihood; the sign is not wanted here."""
    return -_density(x, x_hat, _soft(log_sigma))


@mistake
def pixel_mean(x, x_hat, log_sigma):
    """The log-density is averaged over pixels: sum it."""
    return _density(x, x_hat, _soft(log_sigma)) / x[0].numel()


@mistake
def batch_mean(x, x_hat, log_sigma):
    """One value per image is wanted, not the mean of the batch."""
    return _density(x, x_hat, _soft(log_sigma)).mean()


@mistake
def no_half(x, x_hat, log_sigma):
    """The squared error is divided by σ², not by 2σ²."""
    soft = _soft(log_sigma)
    errors = (x - x_hat).square().flatten(1).sum(1) * (-2 * soft).exp()
    return _density(x, x_hat, soft) - 0.5 * errors


@mistake
def divided_by_sigma(x, x_hat, log_sigma):
    """The squared error is divided by σ; its square belongs there."""
    soft = _soft(log_sigma)
    errors = (x - x_hat).square().flatten(1).sum(1)
    constant = x[0].numel() * (soft + 0.5 * math.log(2 * math.pi))
    return -0.5 * errors * (-soft).exp() - constant


@mutant
def floor_shifted(x, x_hat, log_sigma):
    return _density(x, x_hat, -5 + F.softplus(log_sigma + 5))


@mutant
def sigma_detached(x, x_hat, log_sigma):
    return _density(x, x_hat, _soft(log_sigma).detach()) + 0 * log_sigma


@mutant
def flat_images_only(x, x_hat, log_sigma):
    soft = _soft(log_sigma)
    errors = (x - x_hat).square().sum(1).flatten(1).sum(1) if x.dim() > 2 else None
    errors = (x - x_hat).square().sum(1) if errors is None else errors
    pixels = x.shape[1]
    constant = pixels * (soft + 0.5 * math.log(2 * math.pi))
    return -0.5 * errors * torch.exp(-2 * soft) - constant


@mistake
def softplus_overflows(x, x_hat, log_sigma):
    """You exponentiate log_sigma + 6 before you take the logarithm of the sum: that overflows for a
    large log_sigma."""
    return _density(x, x_hat, -6 + (1 + (log_sigma + 6).exp()).log())


@mistake
def sigma_overflows(x, x_hat, log_sigma):
    """You make σ and take its logarithm again: for a large log_sigma σ overflows."""
    sigma = _soft(log_sigma).exp()
    errors = (x - x_hat).square().flatten(1).sum(1) / sigma**2
    return -0.5 * errors - x[0].numel() * (sigma.log() + 0.5 * math.log(2 * math.pi))
