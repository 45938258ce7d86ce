"""You lift the upper bound to the lower one. The two bounds hold in expectation only: on
single samples they may cross."""

import math

import torch

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    q = Q(z, mean, log_var)
    n = len(z)
    own = q.diagonal()
    lo = (own - q.logsumexp(1)).mean() + math.log(n)
    o = q.masked_fill(torch.eye(n, dtype=torch.bool), -math.inf)
    up = (own - o.logsumexp(1)).mean() + math.log(n - 1)
    return lo.item(), max(up.item(), lo.item())


def Q(z, m, v):
    z, m, v = z.double(), m.double(), v.double()
    return -0.5 * ((z[:, None] - m[None]) ** 2 / v.exp()[None] + v[None]).sum(2)
