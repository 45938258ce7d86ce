"""What every honestly trained sweep satisfies, checked on your own runs. Given code.

The grader asks for the same of your weights, on images of its own choice.
"""

from itertools import pairwise

import torch
from torch import Tensor

SLOPE_TOLERANCE = 0.2
EXCHANGE_TOLERANCE = 0.02


def violations(points: dict[float, tuple[float, float]], images: Tensor) -> list[str]:
    """The conditions that a sweep does not satisfy, one sentence each.

    Args:
        points: (rate, distortion) on the images for each β.
        images: what they were measured on, shape (N, ...).
    """
    return [
        *_above_linear(points, images),
        *_off_slope(sorted(points.items())),
        *_beaten(points),
    ]


def linear_cost(variances: Tensor, beta: float, latent_dim: int = 32) -> float:
    """D + β·R of the best linear β-VAE on data with this spectrum (the point of task 2.6)."""
    coded, dropped = variances[:latent_dim], variances[latent_dim:].sum()
    rate = 0.5 * (2 * coded / beta).clamp(min=1).log().sum()
    return (coded.clamp(max=beta / 2).sum() + dropped + beta * rate).item()


def spectrum(images: Tensor) -> Tensor:
    """The covariance spectrum of images, descending; yours of task 2.3 may still be wrong."""
    x = images.flatten(1).double()
    centred = x - x.mean(0)
    product = centred.T @ centred if len(x) >= x.shape[1] else centred @ centred.T
    return torch.linalg.eigvalsh(product / len(x)).flip(0).clamp(min=0)


def _above_linear(points: dict[float, tuple[float, float]], images: Tensor) -> list[str]:
    variances = spectrum(images)
    lines = []
    for beta, (rate, distortion) in sorted(points.items()):
        cost, linear = distortion + beta * rate, linear_cost(variances, beta)
        if cost >= linear:
            lines.append(
                f"β = {beta:g}: D + β·R = {cost:.2f} is not below the linear β-VAE's {linear:.2f}: "
                "train longer (--epochs), or check the loss"
            )
    return lines


def _off_slope(points: list[tuple[float, tuple[float, float]]]) -> list[str]:
    lines = []
    for (low, (low_rate, low_d)), (high, (high_rate, high_d)) in pairwise(points):
        slope = (high_d - low_d) / (low_rate - high_rate) if low_rate > high_rate else float("nan")
        if not low / (1 + SLOPE_TOLERANCE) <= slope <= high * (1 + SLOPE_TOLERANCE):
            lines.append(
                f"β = {low:g} to {high:g}: the slope −ΔD/ΔR is {slope:.2f}, not between the two β: "
                "is the loss scaled right?"
            )
    return lines


def _beaten(points: dict[float, tuple[float, float]]) -> list[str]:
    lines = []
    for beta, (rate, distortion) in sorted(points.items()):
        other = min(points, key=lambda b: points[b][1] + beta * points[b][0])
        best = points[other][1] + beta * points[other][0]
        if distortion + beta * rate > best * (1 + EXCHANGE_TOLERANCE):
            lines.append(f"at β = {beta:g} the run of β = {other:g} is cheaper: train longer")
    return lines
