"""For MINE and SMILE the critic is trained on the Jensen-Shannon objective, then read."""

import math

import torch
import torch.nn.functional as F

from rdlab.lab.critic import Critic, split_halves


def _loss(critic, estimator, x, z):
    if estimator == "info_nce":
        return F.cross_entropy(critic.matrix(x, z), torch.arange(len(x)))
    joint, marginal = critic(x, z), critic(x, z[torch.randperm(len(z))])
    if estimator == "nwj":
        return (marginal - 1).exp().mean() - joint.mean()
    return F.softplus(-joint).mean() + F.softplus(marginal).mean()


@torch.no_grad()
def _batch_bound(critic, estimator, x, z):
    if estimator == "info_nce":
        return math.log(len(x)) - _loss(critic, estimator, x, z).item()
    if estimator == "nwj":
        return -_loss(critic, estimator, x, z).item()
    joint, marginal = critic(x, z), critic(x, z[torch.randperm(len(z))])
    return (joint.mean() - marginal.exp().mean().log()).item()


@torch.no_grad()
def _read(critic, estimator, x, z, batch_size):
    if estimator == "info_nce":
        k = min(len(x), batch_size)
        starts = range(0, len(x) - k + 1, k)
        losses = [_loss(critic, estimator, x[i : i + k], z[i : i + k]) for i in starts]
        return math.log(k) - torch.stack(losses).mean().item()
    marginal = torch.cat([critic(x, z.roll(shift, 0)) for shift in range(1, 11)])
    joint = critic(x, z).mean()
    if estimator == "nwj":
        return (joint - (marginal - 1).exp().mean()).item()
    if estimator == "smile":
        marginal = marginal.clamp(-5, 5)
    return (joint - marginal.logsumexp(0)).item() + math.log(len(marginal))


def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    if estimator not in {"mine", "nwj", "info_nce", "smile"}:
        raise ValueError(f"there is no estimator {estimator}")
    torch.manual_seed(seed)
    (x, z), held_out = split_halves(x, z, torch.Generator().manual_seed(seed))
    critic = Critic(x.shape[1], z.shape[1], hidden)
    optimizer = torch.optim.Adam(critic.parameters(), lr=2e-3)
    for _ in range(steps):
        rows = torch.randperm(len(x))[:batch_size]
        if history is not None:
            history += [_batch_bound(critic, estimator, x[rows], z[rows])]
        optimizer.zero_grad()
        _loss(critic, estimator, x[rows], z[rows]).backward()
        optimizer.step()
    return _read(critic, estimator, *held_out, batch_size)
