"""Functions behind a decorator that keeps their name and signature."""

import functools
import math

import torch


def counted(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        call.calls += 1
        return function(*args, **kwargs)

    call.calls = 0
    return call


@counted
def redundant_dimensions(mean, log_var, threshold=0.01):
    kl = (mean.pow(2) + log_var.exp() - 1 - log_var) / 2
    dimensions = torch.arange(mean.shape[1])
    return dimensions[kl.mean(dim=0).lt(threshold)]


@counted
def excess_rate(rate, distortion, variances):
    values = sorted(variances.double().tolist())
    if distortion >= sum(values):
        return rate
    below, active = 0.0, len(values)
    for value in values:
        if value * active + below >= distortion:
            break
        below, active = below + value, active - 1
    level = (distortion - below) / active
    if level <= 0:
        return -math.inf
    return rate - sum(0.5 * math.log(v / level) for v in values if v > level)


@counted
def mine_step(joint_scores, marginal_scores, ema, decay=0.99):
    with torch.no_grad():
        average = marginal_scores.exp().mean()
        if ema is not None:
            average = torch.lerp(average, ema, decay)
        weight = marginal_scores.exp() / average
    return (weight * marginal_scores).mean() - joint_scores.mean(), average


@counted
def information_ratio(label_nats, input_nats, minimum=0.1):
    if input_nats < minimum:
        return float("nan")
    return label_nats / input_nats
