"""A bracket on I(x; z) from the known encoder density. It needs no training."""

import math

import torch
from torch import Tensor


def sandwich_bounds(z: Tensor, mean: Tensor, log_var: Tensor) -> tuple[float, float]:
    """Lower and upper bound on I(x; z) from one latent sample per image.

    Both compare log q(z_i|x_i) with the log of a mixture of the encoder's own densities that
    stands for the marginal q(z): the lower bound averages over all N images, the upper bound
    leaves image i itself out.

    Args:
        z: one sample of q(z|x_i) for each of N ≥ 2 images, shape (N, d).
        mean, log_var: the posterior parameters of the same images, shape (N, d).

    Returns:
        (lower, upper) in nats; lower ≤ ln N. The bounds hold in expectation. They stay exact where
        densities are too small for a floating-point number, and for single-precision posteriors
        that are far narrower than their distance from 0.

    Source: Poole et al. (2019), "On Variational Bounds of Mutual Information", equations 12
    (lower bound) and 15 (leave-one-out upper bound).
    """
    # BEGIN SOLUTION
    n = len(z)
    density = _log_density(z.double(), mean.double(), log_var.double())
    own = density.diagonal()
    lower = (own - density.logsumexp(1)).mean() + math.log(n)
    others = density.masked_fill(torch.eye(n, dtype=torch.bool), -math.inf)
    upper = (own - others.logsumexp(1)).mean() + math.log(n - 1)
    return lower.item(), upper.item()
    # END SOLUTION


# BEGIN SOLUTION
def _log_density(z: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """Return ln q(z_i|x_j) in row i and column j, shape (N, N), as two matrix products."""
    precision = (-log_var).exp()
    square = z.square() @ precision.T - 2 * z @ (mean * precision).T
    constant = (mean.square() * precision + log_var + math.log(2 * math.pi)).sum(1)
    return -0.5 * (square + constant)


# END SOLUTION
