"""You keep the log-variance within a range, so narrow and wide posteriors get another density."""

import math

import torch

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    n = len(z)
    v = log_var.double().clamp(-10, 10)
    dens = -0.5 * ((z[:, None].double() - mean.double()).square() / v.exp() + v).sum(-1)
    own = dens.diagonal()
    lo = (own - dens.logsumexp(1)).mean() + math.log(n)
    up = (
        own - dens.masked_fill(torch.eye(n, dtype=torch.bool), -math.inf).logsumexp(1)
    ).mean() + math.log(n - 1)
    return lo.item(), up.item()
