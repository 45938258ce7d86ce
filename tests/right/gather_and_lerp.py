"""Library primitives: lerp, index_fill, take_along_dim, Tensor.gather."""

import math

import torch


def interpolate(z_start, z_end, steps):
    weight = torch.linspace(0, 1, steps, dtype=z_start.dtype)[:, None]
    return torch.lerp(z_start.expand(steps, -1), z_end.expand(steps, -1), weight)


def traverse(z, dimension, values):
    columns = [values if i == dimension else z[i].expand(len(values)) for i in range(len(z))]
    return torch.stack(columns, dim=1)


def marginal_pairs(x, z, permutation):
    index = permutation.reshape(-1, *[1] * (z.dim() - 1)).expand(z.shape)
    return x.clone(), z.gather(0, index)


def info_nce_bound(scores):
    k = scores.size(0)
    own = torch.take_along_dim(scores.log_softmax(1), torch.arange(k)[:, None], dim=1)
    return own.mean() + math.log(k)


def gaussian_rate(variance, distortion):
    rate = 0.5 * torch.log(variance / torch.minimum(variance, distortion))
    return torch.where(distortion >= variance, torch.zeros_like(rate), rate)
