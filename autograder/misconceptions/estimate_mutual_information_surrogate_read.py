"""You read the MINE surrogate on held-out data. Only its gradient means something; the estimate is
the DV bound."""

import torch

from rdlab.lab.critic import Critic, split_halves
from rdlab.mutual_information import _critic_loss

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
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return -_critic_loss(critic, estimator, *held_out, ema, generator)[0].item()
