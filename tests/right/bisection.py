"""The water level by bisection, and a plain tuple as the result."""

import math

import torch


def _level(variances, distortion):
    low, high = 0.0, variances.max().item()
    if distortion >= variances.sum().item():
        return high
    for _ in range(1100):
        middle = (low + high) / 2
        if torch.clamp(variances, max=middle).sum().item() > distortion:
            high = middle
        else:
            low = middle
    return low


def _rate(variances, level):
    active = variances[variances > level].tolist()
    if level == 0.0:
        return math.inf if active else 0.0
    return math.fsum(0.5 * math.log(value / level) for value in active)


def reverse_water_filling(variances, distortion):
    if distortion < 0 or bool(torch.any(variances < 0)):
        raise ValueError("nothing here may be negative")
    double = variances.to(torch.float64)
    level = _level(double, distortion)
    return _rate(double, level), torch.clamp(variances, max=level), level


def excess_rate(rate, distortion, variances):
    double = variances.to(torch.float64)
    return rate - _rate(double, _level(double, distortion))
