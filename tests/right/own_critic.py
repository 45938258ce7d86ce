"""A critic, a split and an optimiser of the student's own for the estimate."""

import math

import torch
from torch import nn


class Network(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(size, width), nn.ELU(), nn.Linear(width, width), nn.ELU(), nn.Linear(width, 1)
        )

    def forward(self, x, z):
        return self.layers(torch.cat([x, z], dim=-1))[..., 0]


def _scores(network, x, z, whole):
    if not whole:
        return network(x, z), network(x, z[torch.randperm(len(z))])
    n = len(x)
    table = network(x[:, None].expand(-1, n, -1), z[None].expand(n, -1, -1))
    return table.diagonal(), table


def _bound(joint, marginal, estimator):
    if estimator == "info_nce":
        return (joint - marginal.logsumexp(1)).mean() + math.log(len(joint))
    if estimator == "nwj":
        return joint.mean() - (marginal - 1).exp().mean()
    if estimator == "smile":
        marginal = marginal.clamp(-5, 5)
    return joint.mean() - marginal.logsumexp(0) + math.log(len(marginal))


def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError("estimator must be mine, nwj, info_nce or smile")
    torch.manual_seed(seed)
    half, whole = len(x) // 2, estimator == "info_nce"
    network = Network(x.shape[1] + z.shape[1], hidden)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-4)
    average = None
    for _ in range(steps):
        rows = torch.randint(half, (batch_size,))
        joint, marginal = _scores(network, x[rows], z[rows], whole)
        loss = -_bound(joint, marginal, estimator)
        if history is not None:
            trained = "mine" if estimator == "smile" else estimator
            history.append(_bound(joint, marginal, trained).detach())
        if estimator in ("mine", "smile"):
            exp = marginal.exp().mean()
            now = exp.detach()
            average = now if average is None else 0.99 * average + 0.01 * now
            loss = exp / average - joint.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        parts = zip(x[half:].split(batch_size), z[half:].split(batch_size), strict=True)
        bounds = []
        for one, other in parts:
            reads = [_scores(network, one, other, whole) for _ in range(1 if whole else 10)]
            pooled = torch.cat([marginal for _, marginal in reads])
            bounds.append((len(one) * _bound(reads[0][0], pooled, estimator)).item())
    return sum(bounds) / (len(x) - half)
