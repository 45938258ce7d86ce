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
    # BEGIN SOLUTION
    return x, z[permutation]
    # END SOLUTION


def dv_bound(joint_scores: Tensor, marginal_scores: Tensor) -> Tensor:
    """Return the Donsker-Varadhan bound below mutual information: E_joint[T] − ln E_marginal[e^T].

    Args:
        joint_scores, marginal_scores: critic scores, shapes (N,) and (M,). Scores of several
            hundred must not overflow.

    Returns:
        The bound in nats, a scalar. Gradients reach all scores.

    Source: Belghazi et al. (2018), "MINE", equation 2; Donsker & Varadhan (1983).
    """
    # BEGIN SOLUTION
    log_mean_exp = marginal_scores.logsumexp(0) - math.log(len(marginal_scores))
    return joint_scores.mean() - log_mean_exp
    # END SOLUTION


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
    # BEGIN SOLUTION
    mean_exp = marginal_scores.exp().mean()
    batch = mean_exp.detach()
    ema = batch if ema is None else decay * ema + (1 - decay) * batch
    return mean_exp / ema - joint_scores.mean(), ema
    # END SOLUTION


def nwj_bound(joint_scores: Tensor, marginal_scores: Tensor) -> Tensor:
    """Return the Nguyen-Wainwright-Jordan lower bound: E_joint[T] − E_marginal[e^(T−1)].

    Args:
        joint_scores, marginal_scores: critic scores, shapes (N,) and (M,).

    Returns:
        The bound in nats, a scalar. Gradients reach all scores.

    Source: Nguyen et al. (2010); Poole et al. (2019), "On Variational Bounds of Mutual
    Information", equation 6.
    """
    # BEGIN SOLUTION
    return joint_scores.mean() - (marginal_scores - 1).exp().mean()
    # END SOLUTION


def info_nce_bound(scores: Tensor) -> Tensor:
    """Return the InfoNCE lower bound, at most ln K.

    Args:
        scores: T(x_i, z_j) of K pairs in row i and column j, shape (K, K); the pairs drawn
            together are on the diagonal. Scores of several hundred must not overflow.

    Returns:
        ln K + mean_i [ T_ii − ln Σ_j e^T_ij ] in nats, a scalar. Gradients reach all scores.

    Source: van den Oord et al. (2018); Poole et al. (2019), equation 10.
    """
    # BEGIN SOLUTION
    return math.log(len(scores)) + (scores.diagonal() - scores.logsumexp(1)).mean()
    # END SOLUTION


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
    # BEGIN SOLUTION
    return dv_bound(joint_scores, marginal_scores.clamp(-clip, clip))
    # END SOLUTION


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
    # BEGIN SOLUTION
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator {estimator!r}: mine, nwj, info_nce or smile")
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    train, held_out = split_halves(x, z, generator)
    critic = Critic(x.shape[1], z.shape[1], hidden).to(x.device)
    _train(critic, estimator, *train, steps, batch_size, history, generator)
    return _read_bound(critic, estimator, *held_out, batch_size, generator)
    # END SOLUTION


# BEGIN SOLUTION
def _train(critic, estimator, x, z, steps, batch_size, history, generator):
    """Train a critic on pairs; some of them choose among the states that it goes through."""
    choosing = min(max(len(x) // 10, 1), 2000)
    chosen_on, (x, z) = (x[:choosing], z[:choosing]), (x[choosing:], z[choosing:])
    optimizer = torch.optim.Adam(critic.parameters(), lr=4e-3, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.1, total_iters=steps)
    ema, best, kept = None, -math.inf, critic.state_dict()
    for step in range(1, steps + 1):
        batch = torch.randint(len(x), (batch_size,), generator=generator)
        loss, ema, bound = _critic_loss(critic, estimator, x[batch], z[batch], ema, generator)
        if history is not None:
            history.append(bound.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == steps:
            reading = _read_bound(critic, estimator, *chosen_on, batch_size, generator, shuffles=4)
            if not reading <= best:  # the first one is kept even if it is not a number
                best, kept = reading, copy.deepcopy(critic.state_dict())
    critic.load_state_dict(kept)


def _critic_loss(critic, estimator, x, z, ema, generator):
    """Return the loss of a batch, the new moving average, and the bound on the batch."""
    if estimator == "info_nce":
        bound = info_nce_bound(critic.matrix(x, z))
        return -bound, None, bound
    permutation = torch.randperm(len(x), generator=generator)
    joint, marginal = critic(x, z), critic(*marginal_pairs(x, z, permutation))
    if estimator == "nwj":
        bound = nwj_bound(joint, marginal)
        return -bound, None, bound
    return *mine_step(joint, marginal, ema), dv_bound(joint.detach(), marginal.detach())


@torch.no_grad()
def _read_bound(critic, estimator, x, z, batch_size, generator, shuffles=16) -> float:
    if estimator == "info_nce":
        batches = zip(x.split(batch_size), z.split(batch_size), strict=True)
        whole = [pair for pair in batches if len(pair[0]) == batch_size] or [(x, z)]
        return torch.stack([info_nce_bound(critic.matrix(*pair)) for pair in whole]).mean().item()
    orders = [torch.randperm(len(x), generator=generator) for _ in range(shuffles)]
    marginal = torch.cat([_scores(critic, *marginal_pairs(x, z, order)) for order in orders])
    bound = {"mine": dv_bound, "nwj": nwj_bound, "smile": smile_bound}[estimator]
    return bound(_scores(critic, x, z), marginal).item()


def _scores(critic, x, z):
    """Return scores of many pairs, in parts that a processor's cache holds."""
    return torch.cat([critic(*part) for part in zip(x.split(2048), z.split(2048), strict=True)])


# END SOLUTION
