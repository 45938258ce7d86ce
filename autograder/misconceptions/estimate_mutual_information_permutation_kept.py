"""You shuffle z once and train on these same marginal pairs to the end; the critic learns them by
heart. Draw a new permutation in each step."""

import torch

from rdlab.lab.critic import Critic, split_halves
from rdlab.mutual_information import _read_bound, info_nce_bound, mine_step, nwj_bound

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
    shuffled = train[1][torch.randperm(len(train[1]), generator=generator)]
    for _ in range(steps):
        batch = torch.randint(len(train[0]), (batch_size,), generator=generator)
        u, v, w = train[0][batch], train[1][batch], shuffled[batch]
        joint, marginal = critic(u, v), critic(u, w)
        if estimator == "info_nce":
            loss = -info_nce_bound(critic.matrix(u, v))
        elif estimator == "nwj":
            loss = -nwj_bound(joint, marginal)
        else:
            loss, ema = mine_step(joint, marginal, ema)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return _read_bound(critic, estimator, *held_out, batch_size, generator)
