"""Task functions that are instances with __call__, lambdas and partials."""

import functools
import math

import torch


class Interpolation:
    def __call__(self, z_start, z_end, steps):
        share = torch.arange(steps, dtype=z_start.dtype) / (steps - 1)
        return z_start + torch.outer(share, z_end - z_start)


class Ratio:
    def __call__(self, label_nats, input_nats, minimum=0.1):
        return math.nan if minimum > input_nats else label_nats / input_nats


def _clipped(bound, joint_scores, marginal_scores, clip=5.0):
    return bound(joint_scores, marginal_scores.clip(min=-clip, max=clip))


def _dv(joint, marginal):
    return joint.mean() - marginal.logsumexp(0) + math.log(marginal.numel())


interpolate = Interpolation()
information_ratio = Ratio()
smile_bound = functools.partial(_clipped, _dv)
reparameterize = lambda mean, log_var, noise: noise * (log_var / 2).exp() + mean  # noqa: E731
marginal_pairs = lambda x, z, permutation: (x, z.index_select(0, permutation))  # noqa: E731
