"""The estimate with SGD with momentum and a learning-rate schedule, bounds written out."""

import math

import torch

from rdlab.critic import Critic, split_halves


def _loss(critic, estimator, x, z, state):
    if estimator == "info_nce":
        return -critic.matrix(x, z).log_softmax(1).diagonal().mean()
    marginal = critic(x, z[torch.randperm(len(z))])
    if estimator == "nwj":
        return (marginal - 1).exp().mean() - critic(x, z).mean()
    exp = marginal.exp().mean()
    state["ema"] = 0.99 * state.get("ema", exp.item()) + 0.01 * exp.item()
    return exp / state["ema"] - critic(x, z).mean()


def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0
):
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown: {estimator}")
    torch.manual_seed(seed)
    train, (x, z) = split_halves(x, z, torch.default_generator)
    critic, state = Critic(x.shape[1], z.shape[1], hidden), {}
    optimizer = torch.optim.SGD(critic.parameters(), lr=0.02, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    for _ in range(steps):
        rows = torch.randint(len(train[0]), (batch_size,))
        optimizer.zero_grad()
        _loss(critic, estimator, train[0][rows], train[1][rows], state).backward()
        torch.nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        if estimator == "info_nce":
            k = min(batch_size, len(x))
            return math.log(k) - _loss(critic, estimator, x[:k], z[:k], state).item()
        joint = critic(x, z).mean()
        marginal = torch.cat([critic(x, z[torch.randperm(len(z))]) for _ in range(8)])
        if estimator == "nwj":
            return (joint - (marginal - 1).exp().mean()).item()
        if estimator == "smile":
            marginal = marginal.clamp(-5.0, 5.0)
        return (joint - marginal.logsumexp(0) + math.log(len(marginal))).item()
