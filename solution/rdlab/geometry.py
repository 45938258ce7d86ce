"""The geometry of the latent space: classes, a Markov chain, and a walk through every class.

Throughout, ℓ(z) = ln p(D|z) up to a constant is the log-likelihood of a set D of images under
*one* latent z, in nats, with p(x|z) = N(decode(z), sigma² I).
"""

import itertools
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from rdlab.latents import interpolate


def class_moments(
    mean: Tensor, log_var: Tensor, labels: Tensor, classes: int
) -> tuple[Tensor, Tensor]:
    """Return mean and covariance of p(z|class), the mixture of the encoder's Gaussians.

    A class c with N_c images has p(z|c) = (1/N_c) Σ N(mean_i, diag exp(log_var_i)), the sum over
    its images. It is a mixture of distributions, not a sum of random variables.

    Args:
        mean, log_var: posterior parameters of N images, shape (N, d).
        labels: the class of each image, integers from 0 to classes − 1, shape (N,).
        classes: number of classes C.

    Returns:
        (means, covariances): shapes (C, d) and (C, d, d), in the dtype of `mean`. They are the
        exact moments of the mixture (divisor N_c, not N_c − 1). Of a class without images
        every entry of mean and covariance is NaN.

    Source: the law of total covariance.
    """
    # BEGIN SOLUTION
    means = mean.new_full((classes, mean.shape[1]), math.nan)
    covariances = mean.new_full((classes, mean.shape[1], mean.shape[1]), math.nan)
    for label in labels.unique().tolist():
        members = labels == label
        center = mean[members].mean(0)
        centred = mean[members] - center
        means[label] = center
        covariances[label] = centred.T @ centred / len(centred)
        covariances[label].diagonal().add_(log_var[members].exp().mean(0))
    return means, covariances
    # END SOLUTION


def pcn_proposal(z: Tensor, step: float, noise: Tensor) -> Tensor:
    """Propose the next states of chains: √(1 − step²) · z + step · noise (preconditioned
    Crank–Nicolson, pCN).

    If z is drawn from the prior N(0, I), so is the proposal.

    Args:
        z: current states, shape (chains, d).
        step: from 0, which stays where it is, to 1, which draws from the prior.
        noise: draws from N(0, I), shape (chains, d). It is an argument, so the function is pure.

    Returns:
        The proposals, shape (chains, d), in the dtype of z.

    Source: Cotter, Roberts, Stuart & White (2013), "MCMC Methods for Functions", section 4.
    """
    # BEGIN SOLUTION
    return math.sqrt(1 - step**2) * z + step * noise
    # END SOLUTION


def data_log_likelihood(x_hat: Tensor, images: Tensor, sigma: float) -> Tensor:
    """Return ℓ of each chain's decoded image: −Σ_i ‖x_i − x_hat‖² / (2 sigma²).

    One latent stands for the whole set of images, so this is a sum over the images as well as
    over the pixels. The constant −(N n/2) ln(2π sigma²) is left out.

    Args:
        x_hat: decoded images, one per chain, shape (chains, ...).
        images: the set D of N ≥ 1 images, shape (N, ...).
        sigma: standard deviation of a pixel, above 0.

    Returns:
        ℓ in nats, shape (chains,), in the dtype of `x_hat`.
    """
    # BEGIN SOLUTION
    decoded, given = x_hat.flatten(1), images.flatten(1)
    center = given.mean(0)
    scatter = (given - center).square().sum()
    return -(len(given) * (decoded - center).square().sum(1) + scatter) / (2 * sigma**2)
    # END SOLUTION


def pcn_accept(
    z: Tensor,
    proposal: Tensor,
    log_likelihood: Tensor,
    proposal_log_likelihood: Tensor,
    log_uniform: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Accept or reject each chain's proposal on its own; a rejected chain repeats its state.

    A pCN proposal is accepted where log_uniform < ℓ(proposal) − ℓ(z), strictly: the prior takes
    no part, because the proposal already respects it.

    Args:
        z, proposal: states, shape (chains, d).
        log_likelihood, proposal_log_likelihood: their ℓ in nats, shape (chains,), often far
            below −1000, where e^ℓ is 0 in every floating-point type.
        log_uniform: logarithms of draws from the uniform distribution on (0, 1), shape (chains,).

    Returns:
        (z, log_likelihood, accepted): the states after the step, their ℓ, and which chains moved,
        shapes (chains, d), (chains,) and (chains,), the last one of dtype bool.

    Source: Metropolis & Hastings; Cotter et al. (2013), section 4.
    """
    # BEGIN SOLUTION
    accepted = log_uniform < proposal_log_likelihood - log_likelihood
    moved = torch.where(accepted.unsqueeze(1), proposal, z)
    return moved, torch.where(accepted, proposal_log_likelihood, log_likelihood), accepted
    # END SOLUTION


def pcn_chain(
    decode: Callable[[Tensor], Tensor],
    images: Tensor,
    z: Tensor,
    step: float,
    noises: Tensor,
    log_uniforms: Tensor,
    sigma: float,
) -> tuple[Tensor, float, Tensor]:
    """Run chains whose states become draws from p(z|D), with p(z) = N(0, I).

    Args:
        decode: turns latents (chains, d) into images (chains, ...).
        images: the set D, shape (N, ...).
        z: first states, shape (chains, d). They are not among the samples.
        step: of the proposals, from 0 to 1.
        noises: draws from N(0, I), one set per step, shape (T, chains, d), T ≥ 1.
        log_uniforms: logarithms of uniform draws, shape (T, chains).
        sigma: standard deviation of a pixel.

    Returns:
        (samples, acceptance, trace): the state after each step, shape (T, chains, d), where a
        rejected step repeats the state before it; the share of accepted proposals among all
        T · chains of them, a number; and −ℓ of each sample in nats, shape (T, chains). No graph
        for gradients is recorded, not even while decoding.

    Source: Cotter et al. (2013), section 4.
    """
    # BEGIN SOLUTION
    samples, accepted, trace = [], [], []
    with torch.no_grad():
        current = data_log_likelihood(decode(z), images, sigma)
        for noise, log_uniform in zip(noises, log_uniforms, strict=True):
            proposal = pcn_proposal(z, step, noise)
            proposed = data_log_likelihood(decode(proposal), images, sigma)
            z, current, moved = pcn_accept(z, proposal, current, proposed, log_uniform)
            samples.append(z)
            accepted.append(moved)
            trace.append(-current)
    return torch.stack(samples), torch.stack(accepted).double().mean().item(), torch.stack(trace)
    # END SOLUTION


def tour(points: Tensor) -> Tensor:
    """Return the order of the shortest open path through all points.

    The path is straight from point to point, begins and ends anywhere, and does not return to its
    beginning. Ten points, with 1,814,400 different paths, must be done in a few seconds.

    Args:
        points: 1 to 10 points, shape (k, d).

    Returns:
        The indices of the points along the path, each once, an integer tensor of shape (k,).
        Any shortest path will do: its reverse, too.

    Source: Held & Karp (1962), "A Dynamic Programming Approach to Sequencing Problems".
    """
    # BEGIN SOLUTION
    count, distances = len(points), _distances(points)
    # (visited points as bits, the last of them): length of the shortest such path, point before
    best = {(1 << last, last): (0.0, -1) for last in range(count)}
    for visited in range(1, 1 << count):
        members = [point for point in range(count) if visited >> point & 1]
        for last, before in itertools.permutations(members, 2):
            length = best[visited ^ (1 << last), before][0] + distances[before][last]
            best[visited, last] = min(best.get((visited, last), (math.inf, -1)), (length, before))
    visited = (1 << count) - 1
    last, order = min(range(count), key=lambda point: best[visited, point][0]), []
    while last >= 0:
        order.append(last)
        visited, last = visited ^ (1 << last), best[visited, last][1]
    return torch.tensor(order)
    # END SOLUTION


def walk(points: Tensor, order: Tensor | Sequence[int], steps: int) -> Tensor:
    """Walk straight from point to point in the given order, in equal steps on each piece.

    Args:
        points: k ≥ 2 points, shape (k, d).
        order: the order of the visits, indices of points, shape (k,).
        steps: number of steps on each piece, at least 1.

    Returns:
        The places along the walk, shape ((k − 1) · steps + 1, d), in the dtype of `points`: each
        visited point once, both ends included. Points that coincide, and an index that `order`
        repeats, are visits like others: between two alike all places are the same.
    """
    # BEGIN SOLUTION
    visits = points[torch.as_tensor(order)]
    pieces = [interpolate(start, end, steps + 1)[1:] for start, end in itertools.pairwise(visits)]
    return torch.cat([visits[:1], *pieces])
    # END SOLUTION


def calibrated_beta(distortion: float, pixels: int) -> float:
    """Return the price β at which the likelihood N(decode(z), sigma² I) fits this distortion best.

    β = 2 sigma². The sigma² in question maximises the mean log-likelihood
    −D/(2 sigma²) − (n/2) ln(2π sigma²) of images of n pixels whose distortion D is fixed.

    Args:
        distortion: D, the squared error summed over pixels, averaged over images.
        pixels: n, number of values of one image.

    Returns:
        β, a number in the unit of a squared error per nat.
    """
    # BEGIN SOLUTION
    return 2 * distortion / pixels
    # END SOLUTION


# BEGIN SOLUTION
def _distances(points: Tensor) -> list[list[float]]:
    """Return the distance between each two points."""
    gaps = points.double().unsqueeze(1) - points.double()
    return gaps.norm(dim=2).tolist()


# END SOLUTION
