"""The estimate trained by epochs of a DataLoader, read on pairs that are shifted.

It is behind a decorator that hides its signature, and so its argument `seed`.
"""

import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from rdlab.mutual_information import dv_bound, info_nce_bound, mine_step, nwj_bound, smile_bound


class T(nn.Module):
    def __init__(self, a, b, h):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(a + b, h), nn.ELU(), nn.Linear(h, h), nn.ELU(), nn.Linear(h, 1)
        )

    def forward(self, x, z):
        return self.net(torch.cat([x, z], -1)).squeeze(-1)

    def matrix(self, x, z):
        k = len(x)
        return self(x.repeat_interleave(k, 0), z.repeat(k, 1)).view(k, k)


def timed(function):
    def call(*args, **kwargs):
        start = time.perf_counter()
        value = function(*args, **kwargs)
        call.seconds = time.perf_counter() - start
        return value

    return call


@timed
def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    if estimator not in {"mine", "nwj", "info_nce", "smile"}:
        raise ValueError(estimator)
    torch.manual_seed(seed)
    half = len(x) // 2
    order = torch.randperm(len(x))
    x, z = x[order], z[order]
    loader = DataLoader(
        TensorDataset(x[:half], z[:half]),
        batch_size=min(batch_size, half),
        shuffle=True,
        drop_last=True,
    )
    critic = T(x.shape[1], z.shape[1], hidden)
    opt = torch.optim.AdamW(critic.parameters(), lr=2e-3)
    ema, done = None, 0
    while done < steps:
        for a, b in loader:
            if estimator == "info_nce":
                loss = -info_nce_bound(critic.matrix(a, b))
            else:
                j, m = critic(a, b), critic(a, b[torch.randperm(len(b))])
                loss = -nwj_bound(j, m) if estimator == "nwj" else None
                if loss is None:
                    loss, ema = mine_step(j, m, ema)
            if history is not None:
                with torch.no_grad():
                    if estimator == "info_nce":
                        bound = -loss
                    else:
                        bound = nwj_bound(j, m) if estimator == "nwj" else dv_bound(j, m)
                history.append(bound.item())
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            done += 1
            if done >= steps:
                break
    x, z = x[half:], z[half:]
    with torch.no_grad():
        if estimator == "info_nce":
            k = min(batch_size, len(x))
            return float(
                torch.stack(
                    [
                        info_nce_bound(critic.matrix(x[i : i + k], z[i : i + k]))
                        for i in range(0, len(x) - k + 1, k)
                    ]
                ).mean()
            )
        m = torch.cat([critic(x, z.roll(s, 0)) for s in range(1, 9)])
        return float(
            {"mine": dv_bound, "nwj": nwj_bound, "smile": smile_bound}[estimator](critic(x, z), m)
        )
