"""You take the exponential in place and so overwrite the log-variance of your caller."""

import math

import torch

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    n = len(z)
    v = log_var.exp_()
    dens = -0.5 * (
        (z[:, None].double() - mean.double()).square() / v.double() + v.double().log()
    ).sum(-1)
    own = dens.diagonal()
    lo = (own - dens.logsumexp(1)).mean() + math.log(n)
    up = (
        own - dens.masked_fill(torch.eye(n, dtype=torch.bool), -math.inf).logsumexp(1)
    ).mean() + math.log(n - 1)
    return lo.item(), up.item()
