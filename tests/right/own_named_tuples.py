"""Results as named tuples of the student's own, the moving average as a number."""

from collections import namedtuple
from typing import NamedTuple

import numpy as np
import torch

Point = namedtuple("Point", "rate distortions level")


def reverse_water_filling(variances, distortion):
    v = variances.numpy().astype(float)
    if distortion < 0 or np.any(v < 0):
        raise ValueError("x")
    if distortion >= v.sum():
        return Point(0.0, torch.from_numpy(v), v.max())
    lo, hi = 0.0, v.max()
    while True:
        mid = 0.5 * (lo + hi)
        if mid in (lo, hi):
            break
        if np.minimum(mid, v).sum() > distortion:
            hi = mid
        else:
            lo = mid
    t = lo
    with np.errstate(divide="ignore"):
        rate = 0.5 * np.log(v[v > t] / t).sum()
    return Point(rate, torch.from_numpy(np.minimum(v, t)), t)


class Step(NamedTuple):
    loss: torch.Tensor
    average: float


def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    with torch.no_grad():
        now = torch.exp(marginal_scores).mean().item()
        new = now if ema is None else float(ema) * decay + now * (1 - decay)
        w = marginal_scores.exp() / (new * len(marginal_scores))
    return Step((w * marginal_scores).sum() - joint_scores.mean(), new)
