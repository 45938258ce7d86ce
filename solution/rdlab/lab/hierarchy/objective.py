"""One pass through a hierarchy: its three costs, formed with your functions. Given code."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Gumbel
from torch.nn import functional as F

from rdlab.gaussian import gaussian_kl, reparameterize
from rdlab.hierarchy import (
    categorical_kl,
    discretized_logistic_mixture,
    gaussian_kl_between,
    gaussian_log_likelihood,
    gumbel_softmax,
)
from rdlab.lab.hierarchy.networks import Hierarchy, mixture_parameters

DEFAULT_VARIANCE = 0.5
"""σ² of the Gaussian likelihood: −ln p(x|z₁) is then the squared error, plus a constant."""


class Costs(NamedTuple):
    """What each image of a batch costs, each (B,)."""

    log_likelihood: Tensor
    kl_1: Tensor
    kl_2: Tensor


def costs(
    model: Hierarchy,
    x: Tensor,
    *,
    variance: float = DEFAULT_VARIANCE,
    temperature: float | None = None,
) -> Costs:
    """Draw z₂ and z₁ for each image of a batch, and return what they cost.

    Args:
        x: images, (B, C, H, W).
        variance: σ² of a Gaussian likelihood with fixed σ.
        temperature: of a relaxed categorical z₂; None draws hard samples.
    """
    z_2, kl_2 = sample_top(model, x, temperature)
    bottom = model.encode_bottom(x, z_2)
    z_1 = reparameterize(*bottom, torch.randn_like(bottom[0]))
    kl_1 = gaussian_kl_between(*bottom, *model.prior_bottom(z_2)).sum(1)
    return Costs(log_likelihood(model, x, z_1, variance), kl_1, kl_2)


def sample_top(
    model: Hierarchy, x: Tensor, temperature: float | None = None
) -> tuple[Tensor, Tensor]:
    """Return a z₂ for each image, (B, d₂), and KL₂ summed over dimensions, (B,)."""
    if model.family == "gaussian":
        mean, log_var = model.encode_top(x)
        return reparameterize(mean, log_var, torch.randn_like(mean)), gaussian_kl(
            mean, log_var
        ).sum(1)
    logits = model.top_logits(x)
    noise = Gumbel(0.0, 1.0).sample(logits.shape).to(logits)
    if temperature is None:
        hard = F.one_hot((logits + noise).argmax(1), logits.shape[1]).to(logits)
        return hard, categorical_kl(logits)
    return gumbel_softmax(logits, temperature, noise), categorical_kl(logits)


def sample_prior(model: Hierarchy, count: int, top_dim: int) -> Tensor:
    """Return z₁ drawn from p(z₂) p(z₁|z₂), (count, d₁)."""
    if model.family == "gaussian":
        z_2 = torch.randn(count, top_dim)
    else:
        z_2 = F.one_hot(torch.randint(top_dim, (count,)), top_dim).float()
    prior = model.prior_bottom(z_2)
    return reparameterize(*prior, torch.randn_like(prior[0]))


def log_likelihood(model: Hierarchy, x: Tensor, z_1: Tensor, variance: float) -> Tensor:
    """Return ln p(x|z₁) in nats, summed over pixels, (B,)."""
    match model.likelihood:
        case "gaussian":
            errors = (x - model.decode(z_1)).square().flatten(1).sum(1)
            pixels = x[0].numel()
            return -errors / (2 * variance) - 0.5 * pixels * math.log(2 * math.pi * variance)
        case "learned-sigma":
            return gaussian_log_likelihood(x, model.decode(z_1), model.log_sigma)
        case "bernoulli":
            logits = model.pixel_parameters(z_1).squeeze(2)
            return (x.flatten(1) * logits - F.softplus(logits)).sum(1)
    parameters = mixture_parameters(model.pixel_parameters(z_1))
    return discretized_logistic_mixture(x.flatten(1), *parameters).sum(1)


def temperature(epoch: int) -> float:
    """Return the temperature of a categorical z₂ in an epoch, counted from 0: 1, falling to 0.4."""
    return max(math.exp(-0.007 * epoch), 0.4)
