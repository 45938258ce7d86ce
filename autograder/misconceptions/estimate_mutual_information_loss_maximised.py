"""You climb the loss instead of descending it. An optimiser minimises: the bound's sign must be
turned once, not twice."""

import torch

from rdlab.lab.critic import Critic, split_halves
from rdlab.mutual_information import _critic_loss, _read_bound

TASK = "3.7"


def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0
):
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator {estimator!r}")
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    train, held_out = split_halves(x, z, generator)
    critic, ema = Critic(x.shape[1], z.shape[1], hidden), None
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for _ in range(steps):
        batch = torch.randint(len(train[0]), (batch_size,), generator=generator)
        pairs = train[0][batch], train[1][batch]
        loss, ema = _critic_loss(critic, estimator, *pairs, ema, generator)
        optimizer.zero_grad()
        (-loss).backward()
        optimizer.step()
    with torch.no_grad():
        return _read_bound(critic, estimator, *held_out, batch_size, generator)
