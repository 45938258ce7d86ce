"""Rate-distortion theory of Gaussian sources under squared error.

A source is described by its component variances: the eigenvalues of its covariance matrix.
Rates are in nats, distortions in squared error summed over components.
Source for all of it: Cover & Thomas, "Elements of Information Theory", 2nd ed., section 10.3.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class WaterFilling(NamedTuple):
    """A point on the rate-distortion curve of a Gaussian vector source."""

    rate: float
    """Total rate, in nats."""
    distortions: Tensor
    """Distortion of each component, in the order of the variances, shape (n,)."""
    level: float
    """The water level θ: every component has distortion min(θ, variance)."""


def gaussian_rate(variance: Tensor, distortion: Tensor) -> Tensor:
    """Return the rate-distortion function of a scalar Gaussian: ½ ln(σ²/D), and 0 for D ≥ σ².

    Args:
        variance, distortion: σ² and D of each component, any shapes that broadcast. D ≥ 0 may be
            inf. Neither is compared with a constant: variances of 10⁻⁹ are ordinary ones.

    Returns:
        R(D) in nats, of the broadcast shape, in the dtype of the arguments. At D = 0 < σ² it is
        inf, at D = 0 = σ² it is 0.

    Source: Cover & Thomas, theorem 10.3.2.
    """
    # BEGIN SOLUTION
    variance, distortion = torch.broadcast_tensors(variance, distortion)
    active = distortion < variance
    ratio = torch.where(active, variance, 1) / torch.where(active, distortion, 1)
    return 0.5 * ratio.log()
    # END SOLUTION


def reverse_water_filling(variances: Tensor, distortion: float) -> WaterFilling:
    """Spread a total distortion over independent Gaussian components at the least rate.

    Args:
        variances: component variances, each ≥ 0, in any order, shape (n,).
        distortion: total squared error D ≥ 0, perhaps inf. At or above the total variance the
            rate is 0, the distortions are the variances and the level is the largest variance.

    Returns:
        WaterFilling(rate, distortions, level): the distortions add up to
        min(D, total variance). At D = 0 the level is 0 and the rate is inf, unless every
        variance is 0.

    Raises:
        ValueError: the distortion or a variance is negative.

    Source: Cover & Thomas, theorem 10.3.3.
    """
    # BEGIN SOLUTION
    if distortion < 0 or (variances < 0).any():
        raise ValueError("variances and distortion must not be negative")
    level = _water_level(variances.double(), distortion)
    distortions = variances.clamp(max=level)
    rate = gaussian_rate(variances.double(), distortions.double()).sum()
    return WaterFilling(rate.item(), distortions, level)
    # END SOLUTION


# BEGIN SOLUTION
def _water_level(variances: Tensor, distortion: float) -> float:
    """Return the level θ with Σ min(θ, λ) = distortion: try how many of the largest are active."""
    descending = variances.sort(descending=True).values
    if distortion >= descending.sum():
        return descending[0].item()
    tails = descending.flip(0).cumsum(0).flip(0) - descending
    active = torch.arange(1, len(descending) + 1)
    levels = (distortion - tails) / active
    fits = (levels <= descending).nonzero()
    if len(fits):
        return max(levels[fits[-1]].item(), 0.0)
    return descending[0].item()  # the distortion is the total variance, but for rounding


# END SOLUTION


def covariance_spectrum(x: Tensor) -> Tensor:
    """Return eigenvalues of the data's covariance matrix (PCA variances), largest first.

    Args:
        x: N data points, flattened to (N, n) if they have more axes; N ≥ 1.

    Returns:
        n eigenvalues, descending and ≥ 0, shape (n,), in the dtype of x, of the covariance with
        divisor N about the data's own mean. Their sum is the total variance. Where N < n the last
        ones are 0; an n × n matrix is then never built.
    """
    # BEGIN SOLUTION
    x = x.flatten(1)
    centred = x - x.mean(0)
    points, components = centred.shape
    if points >= components:
        return torch.linalg.eigvalsh(centred.T @ centred / points).flip(0).clamp(min=0)
    spectrum = x.new_zeros(components)
    spectrum[:points] = torch.linalg.eigvalsh(centred @ centred.T / points).flip(0).clamp(min=0)
    return spectrum
    # END SOLUTION


def white_gaussian_rate(variances: Tensor, distortion: float) -> float:
    """Return R(D) of a white Gaussian source of the same dimension and the same average variance.

    Args:
        variances: component variances of the data, shape (n,).
        distortion: total squared error D > 0, shared equally by all n components.

    Returns:
        The total rate in nats; 0 for D at or above the total variance.
    """
    # BEGIN SOLUTION
    n = variances.numel()
    per_component = torch.tensor(distortion / n, dtype=torch.float64)
    return n * gaussian_rate(variances.double().mean(), per_component).item()
    # END SOLUTION


def excess_rate(rate: float, distortion: float, variances: Tensor) -> float:
    """Return how far a coder lies above the Gaussian limit at its own distortion, in nats.

    The Gaussian is the hardest source of its covariance, so for real data a good coder lies
    below the limit and its excess rate is negative: that is lawful.

    Args:
        rate, distortion: the coder's rate (nats) and total squared error.
        variances: component variances of the data, shape (n,).

    Returns:
        rate − R(distortion), with R by reverse water-filling.
    """
    # BEGIN SOLUTION
    return rate - reverse_water_filling(variances, distortion).rate
    # END SOLUTION


def linear_vae_point(
    variances: Tensor, beta: float, latent_dim: int | None = None
) -> tuple[float, float]:
    """Return rate and distortion at which the best *linear* β-VAE ends, in closed form.

    With loss SSE + β·KL on data with these component variances, encoder and decoder linear, the
    optimum is reverse water-filling at water level θ = β/2, over the `latent_dim` largest
    components; the others are not coded.

    Args:
        variances: component variances of the data, in any order, shape (n,).
        beta: the price of a nat, β > 0.
        latent_dim: number of latent dimensions, at least 1; what exceeds n stays unused. None
            means one per component.

    Returns:
        (rate, distortion) in nats and total squared error. Along the curve dD/dR = −β.

    Source: Lucas et al. (2019), "Don't Blame the ELBO!", section 4, with σ² = β/2.
    """
    # BEGIN SOLUTION
    level = torch.tensor(beta / 2, dtype=torch.float64)
    descending = variances.double().sort(descending=True).values
    latent_dim = len(descending) if latent_dim is None else latent_dim
    coded, dropped = descending[:latent_dim], descending[latent_dim:]
    rate = gaussian_rate(coded, level).sum().item()
    return rate, (coded.clamp(max=level).sum() + dropped.sum()).item()
    # END SOLUTION
