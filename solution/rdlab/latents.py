"""Walks through the latent space."""

import torch
from torch import Tensor


def interpolate(z_start: Tensor, z_end: Tensor, steps: int) -> Tensor:
    """Return evenly spaced points on the straight line between two latents, both ends included.

    Args:
        z_start, z_end: two latents (not images), shape (d,).
        steps: number of points, at least 2.

    Returns:
        The points, first z_start and last z_end, up to rounding, shape (steps, d).
    """
    # BEGIN SOLUTION
    weight = torch.linspace(0, 1, steps, dtype=z_start.dtype).unsqueeze(1)
    return (1 - weight) * z_start + weight * z_end
    # END SOLUTION


def traverse(z: Tensor, dimension: int, values: Tensor) -> Tensor:
    """Return copies of a latent in which one dimension runs through the given values.

    Args:
        z: a latent, shape (d,). It is left as it was.
        dimension: the one to change, 0 ≤ dimension < d.
        values: what it takes, for example torch.linspace(-3, 3, 9), shape (k,).

    Returns:
        k latents that differ in that dimension alone, shape (k, d).
    """
    # BEGIN SOLUTION
    rows = z.repeat(len(values), 1)
    rows[:, dimension] = values
    return rows
    # END SOLUTION
