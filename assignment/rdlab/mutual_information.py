"""Variational estimates of mutual information from samples, in nats.

A critic T scores pairs (x, z). Its scores on pairs drawn together (`joint_scores`) and on pairs
drawn apart (`marginal_scores`) give lower bounds on I(x; z).
"""

import copy
import math

import torch
from torch import Tensor

from rdlab.lab.critic import Critic, split_halves


def marginal_pairs(x: Tensor, z: Tensor, permutation: Tensor) -> tuple[Tensor, Tensor]:
    """Turn samples of p(x, z) into samples of p(x) p(z), by permuting one side.

    Args:
        x, z: N pairs drawn together, shapes (N, ...).
        permutation: a permutation of 0 … N−1, shape (N,). Fixed points are harmless: they are
            part of drawing from the product of the empirical marginals.

    Returns:
        (x, permuted z): row i pairs x[i] with z[permutation[i]].

    Source: Belghazi et al. (2018), "MINE", algorithm 1.
    """
    # TODO (task 3.1, 3 points): Samples of the product of marginals
    raise NotImplementedError("Task 3.1: marginal_pairs")


def dv_bound(joint_scores: Tensor, marginal_scores: Tensor) -> Tensor:
    """Return the Donsker-Varadhan bound below mutual information: E_joint[T] − ln E_marginal[e^T].

    Args:
        joint_scores, marginal_scores: critic scores, shapes (N,) and (M,). Scores of several
            hundred must not overflow.

    Returns:
        The bound in nats, a scalar. Gradients reach all scores.

    Source: Belghazi et al. (2018), "MINE", equation 2; Donsker & Varadhan (1983).
    """
    # TODO (task 3.2, 5 points): The Donsker–Varadhan bound
    raise NotImplementedError("Task 3.2: dv_bound")


def mine_step(
    joint_scores: Tensor, marginal_scores: Tensor, ema: Tensor | None, decay: float = 0.99
) -> tuple[Tensor, Tensor]:
    """Return the loss of one MINE step, with the bias-corrected gradient.

    The DV bound's gradient divides by E[e^T]; the mean of one batch makes that ratio biased. An
    exponential moving average of it takes its place: the loss has the gradient of
    −(mean T_joint − mean e^T_marginal / ema), where the average is a constant.

    Args:
        joint_scores, marginal_scores: critic scores of one batch, shapes (B,). None is so large
            that e^T overflows.
        ema: the moving average of mean e^T before this step, a scalar ≥ 0; None in the first
            step, which starts it from this batch.
        decay: weight of the old average; the batch gets 1 − decay.

    Returns:
        (loss, new average): a scalar to minimise, only its gradient matters, and the average
        *after* this batch, which is the one the gradient divides by; it carries no gradient.

    Source: Belghazi et al. (2018), "MINE", section 3.2, equation 12.
    """
    # TODO (task 3.3, 5 points): The MINE step
    raise NotImplementedError("Task 3.3: mine_step")


def nwj_bound(joint_scores: Tensor, marginal_scores: Tensor) -> Tensor:
    """Return the Nguyen-Wainwright-Jordan lower bound: E_joint[T] − E_marginal[e^(T−1)].

    Args:
        joint_scores, marginal_scores: critic scores, shapes (N,) and (M,).

    Returns:
        The bound in nats, a scalar. Gradients reach all scores.

    Source: Nguyen et al. (2010); Poole et al. (2019), "On Variational Bounds of Mutual
    Information", equation 6.
    """
    # TODO (task 3.4, 2 points): The NWJ bound
    raise NotImplementedError("Task 3.4: nwj_bound")


def info_nce_bound(scores: Tensor) -> Tensor:
    """Return the InfoNCE lower bound, at most ln K.

    Args:
        scores: T(x_i, z_j) of K pairs in row i and column j, shape (K, K); the pairs drawn
            together are on the diagonal. Scores of several hundred must not overflow.

    Returns:
        ln K + mean_i [ T_ii − ln Σ_j e^T_ij ] in nats, a scalar. Gradients reach all scores.

    Source: van den Oord et al. (2018); Poole et al. (2019), equation 10.
    """
    # TODO (task 3.5, 3 points): The InfoNCE bound
    raise NotImplementedError("Task 3.5: info_nce_bound")


def smile_bound(joint_scores: Tensor, marginal_scores: Tensor, clip: float = 5.0) -> Tensor:
    """Return SMILE: the DV estimate with the marginal scores clipped to [−clip, clip].

    Clipping lowers the variance and gives up the guarantee of a lower bound: it is a read-out of
    a trained critic, not a loss to train on.

    Args:
        joint_scores, marginal_scores: critic scores, shapes (N,) and (M,).
        clip: τ > 0.

    Returns:
        The estimate in nats, a scalar. It can be differentiated all the same: marginal scores
        beyond the clip have a gradient of 0, all others that of the formula. Neither scores nor a
        clip of several hundred overflow, in the value or in the gradient.

    Source: Song & Ermon (2020), "Understanding the Limitations of Variational Mutual
    Information Estimators", equation 17.
    """
    # TODO (task 3.6, 2 points): The SMILE estimate
    raise NotImplementedError("Task 3.6: smile_bound")


def estimate_mutual_information(
    x: Tensor,
    z: Tensor,
    *,
    estimator: str = "mine",
    steps: int = 1000,
    batch_size: int = 1024,
    hidden: int = 128,
    seed: int = 0,
    history: list[float] | None = None,
) -> float:
    """Estimate I(x; z) from samples: train a critic on one half, read a bound on the other.

    Args:
        x, z: N independent pairs drawn together, shapes (N, a) and (N, b), float32, on one device.
        estimator: what is trained and read: "mine" (the MINE step, read by the DV bound), "nwj"
            or "info_nce" (each trained and read by its own bound; InfoNCE in batches of batch_size
            pairs, so at most ln batch_size), or "smile" (trained as "mine", read by SMILE). Where
            a half has fewer than batch_size pairs, a batch is all of it.
        steps, batch_size, hidden, seed: training length, pairs per step, width of the critic,
            and the seed of everything random. Each of them makes a difference.
        history: for your training curve: if a list is given, the bound of each step's batch is
            appended to it, in nats (of "mine" and "smile" the DV bound, not the surrogate loss).

    Returns:
        The estimate in nats, on pairs that the critic was not trained on. It may come out
        slightly negative, and is not cut off at 0. Optimiser and critic are yours to choose;
        nothing may be assumed about the distribution, such as that x and z are Gaussian.

    Raises:
        ValueError: the estimator is unknown.

    Source: Belghazi et al. (2018), "MINE", algorithm 1; Poole et al. (2019).
    """
    # TODO (task 3.7, 6 points): Estimating I(x; z) from samples
    raise NotImplementedError("Task 3.7: estimate_mutual_information")
