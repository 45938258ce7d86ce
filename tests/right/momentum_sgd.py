"""The estimate with SGD with momentum and a learning-rate schedule, bounds written out.

"mine" ascends the DV bound itself: at high rates, momentum and a moving average together overshoot
the critic's free constant until the scores overflow.
"""

import math

import torch

from rdlab.lab.critic import Critic, split_halves


def _loss(critic, estimator, x, z):
    if estimator == "info_nce":
        return -critic.matrix(x, z).log_softmax(1).diagonal().mean()
    marginal = critic(x, z[torch.randperm(len(z))])
    if estimator == "nwj":
        return (marginal - 1).exp().mean() - critic(x, z).mean()
    return marginal.logsumexp(0) - math.log(len(marginal)) - critic(x, z).mean()


def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown: {estimator}")
    torch.manual_seed(seed)
    train, (x, z) = split_halves(x, z, torch.default_generator)
    critic = Critic(x.shape[1], z.shape[1], hidden)
    optimizer = torch.optim.SGD(critic.parameters(), lr=0.005, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    for _ in range(steps):
        rows = torch.randint(len(train[0]), (batch_size,))
        optimizer.zero_grad()
        loss = _loss(critic, estimator, train[0][rows], train[1][rows])
        loss.backward()
        if history is not None:
            history.append(-loss.item() + (math.log(batch_size) if estimator == "info_nce" else 0))
        torch.nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        if estimator == "info_nce":
            k = min(batch_size, len(x))
            return math.log(k) - _loss(critic, estimator, x[:k], z[:k]).item()
        joint = critic(x, z).mean()
        marginal = torch.cat([critic(x, z[torch.randperm(len(z))]) for _ in range(8)])
        if estimator == "nwj":
            return (joint - (marginal - 1).exp().mean()).item()
        if estimator == "smile":
            marginal = marginal.clamp(-5.0, 5.0)
        return (joint - marginal.logsumexp(0) + math.log(len(marginal))).item()
