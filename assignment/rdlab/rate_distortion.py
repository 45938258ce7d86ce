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
    # TODO (task 2.1, 4 points): R(D) of a Gaussian
    raise NotImplementedError("Task 2.1: gaussian_rate")


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
    # TODO (task 2.2, 7 points): Reverse water-filling
    raise NotImplementedError("Task 2.2: reverse_water_filling")


def covariance_spectrum(x: Tensor) -> Tensor:
    """Return eigenvalues of the data's covariance matrix (PCA variances), largest first.

    Args:
        x: N data points, flattened to (N, n) if they have more axes; N ≥ 1.

    Returns:
        n eigenvalues, descending and ≥ 0, shape (n,), in the dtype of x, of the covariance with
        divisor N about the data's own mean. Their sum is the total variance. Where N < n the last
        ones are 0; an n × n matrix is then never built.
    """
    # TODO (task 2.3, 4 points): The spectrum of a data set
    raise NotImplementedError("Task 2.3: covariance_spectrum")


def white_gaussian_rate(variances: Tensor, distortion: float) -> float:
    """Return R(D) of a white Gaussian source of the same dimension and the same average variance.

    Args:
        variances: component variances of the data, shape (n,).
        distortion: total squared error D > 0, shared equally by all n components.

    Returns:
        The total rate in nats; 0 for D at or above the total variance.
    """
    # TODO (task 2.4, 3 points): The white Gaussian reference
    raise NotImplementedError("Task 2.4: white_gaussian_rate")


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
    # TODO (task 2.5, 2 points): Excess rate
    raise NotImplementedError("Task 2.5: excess_rate")


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
    # TODO (task 2.6, 5 points): The linear β-VAE in closed form
    raise NotImplementedError("Task 2.6: linear_vae_point")
