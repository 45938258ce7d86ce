"""You permute both sides alike, so your marginal pairs are joint pairs and the bound stays at 0
however dependent x and z are."""

import torch

from rdlab.lab.critic import Critic
from rdlab.mutual_information import dv_bound, mine_step

TASK = "3.7"


def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0
):
    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator {estimator!r}")
    torch.manual_seed(seed)
    train, held_out = x.chunk(2)[0], (x.chunk(2)[1], z.chunk(2)[1])
    critic, ema = Critic(x.shape[1], z.shape[1], hidden), None
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for _ in range(steps):
        batch = torch.randint(len(train), (batch_size,))
        shuffled = batch[torch.randperm(batch_size)]
        loss, ema = mine_step(critic(x[batch], z[batch]), critic(x[shuffled], z[shuffled]), ema)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        scores = critic(*held_out)
        return dv_bound(scores, scores[torch.randperm(len(scores))]).item()
