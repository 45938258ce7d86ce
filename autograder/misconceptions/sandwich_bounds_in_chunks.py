"""You compare each image with those of its own chunk only: the mixture is over all N images."""

import math

import torch

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    n = len(z)
    lo, up = [], []
    for s in range(0, n, 256):
        zz, m, v = (
            z[s : s + 256].double(),
            mean[s : s + 256].double(),
            log_var[s : s + 256].double(),
        )
        k = len(zz)
        dens = -0.5 * ((zz[:, None] - m).square() / v.exp() + v).sum(-1)
        own = dens.diagonal()
        lo.append(own - dens.logsumexp(1) + math.log(k))
        up.append(
            own
            - dens.masked_fill(torch.eye(k, dtype=torch.bool), -math.inf).logsumexp(1)
            + math.log(max(k - 1, 1))
        )
    return torch.cat(lo).mean().item(), torch.cat(up).mean().item()
