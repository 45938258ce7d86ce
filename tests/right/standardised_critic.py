"""A critic on standardised pairs, kept where it read best on pairs set aside."""

import torch
from torch import nn


def estimate_mutual_information(
    x, z, *, estimator="mine", steps=1000, batch_size=1024, hidden=128, seed=0, history=None
):
    from rdlab.mutual_information import (
        dv_bound,
        info_nce_bound,
        marginal_pairs,
        mine_step,
        nwj_bound,
        smile_bound,
    )

    if estimator not in ("mine", "nwj", "info_nce", "smile"):
        raise ValueError(f"unknown estimator: {estimator}")
    gen = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Linear(x.shape[1] + z.shape[1], hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, 1),
        )
    x = (x - x.mean(0)) / x.std(0)
    z = (z - z.mean(0)) / z.std(0)

    def T(a, b):
        return net(torch.cat([a, b], dim=-1)).squeeze(-1)

    def matrix(a, b):
        k = len(a)
        return T(a[:, None].expand(k, k, -1), b[None].expand(k, k, -1))

    o = torch.randperm(len(x), generator=gen)
    h = len(x) // 2
    tr, te = o[:h], o[h:]
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.9, 0.99))
    ema, best = None, None
    val, tr = tr[: max(h // 10, 2)], tr[max(h // 10, 2) :]

    def read(idx):
        with torch.no_grad():
            a, b = x[idx], z[idx]
            if estimator == "info_nce":
                k = min(batch_size, len(idx))
                return float(
                    torch.stack(
                        [
                            info_nce_bound(matrix(a[i : i + k], b[i : i + k]))
                            for i in range(0, len(idx) - k + 1, k)
                        ]
                    ).mean()
                )
            m = torch.cat([T(a, b.roll(s, 0)) for s in range(1, 9)])
            return float(
                {"mine": dv_bound, "nwj": nwj_bound, "smile": smile_bound}[estimator](T(a, b), m)
            )

    for step in range(steps):
        i = tr[torch.randint(len(tr), (batch_size,), generator=gen)]
        a, b = x[i], z[i]
        if estimator == "info_nce":
            bound = info_nce_bound(matrix(a, b))
            loss = -bound
        else:
            j, m = T(a, b), T(*marginal_pairs(a, b, torch.randperm(len(b), generator=gen)))
            if estimator == "nwj":
                bound = nwj_bound(j, m)
                loss = -bound
            else:
                loss, ema = mine_step(j, m, ema)
                bound = dv_bound(j.detach(), m.detach())
        if history is not None:
            history.append(float(bound))
        opt.zero_grad()
        loss.backward()
        opt.step()
        if (step + 1) % 50 == 0:
            v = read(val)
            if best is None or v > best[0]:
                best = (v, {k: t.clone() for k, t in net.state_dict().items()})
    if best:
        net.load_state_dict(best[1])
    return read(te)
