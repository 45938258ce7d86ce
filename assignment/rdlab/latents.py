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
    # TODO (task 2.7, 2 points): Interpolation between latents
    raise NotImplementedError("Task 2.7: interpolate")


def traverse(z: Tensor, dimension: int, values: Tensor) -> Tensor:
    """Return copies of a latent in which one dimension runs through the given values.

    Args:
        z: a latent, shape (d,). It is left as it was.
        dimension: the one to change, 0 ≤ dimension < d.
        values: what it takes, for example torch.linspace(-3, 3, 9), shape (k,).

    Returns:
        k latents that differ in that dimension alone, shape (k, d).
    """
    # TODO (task 2.8, 2 points): Traversal of a latent dimension
    raise NotImplementedError("Task 2.8: traverse")
