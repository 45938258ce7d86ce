"""Image interpolation for latents, one-hot masks, hardtanh, index_select."""

import math

import torch
import torch.nn.functional as F


def interpolate(z_start, z_end, steps):
    ends = torch.stack([z_start, z_end]).T.unsqueeze(0)
    return F.interpolate(ends, size=steps, mode="linear", align_corners=True)[0].T


def traverse(z, dimension, values):
    hot = F.one_hot(torch.tensor(dimension), len(z)).bool()
    return torch.where(hot, values[:, None], z[None, :])


def marginal_pairs(x, z, permutation):
    return [x.clone(), torch.index_select(z, 0, permutation)]


def smile_bound(joint_scores, marginal_scores, clip=5.0):
    m = F.hardtanh(marginal_scores, -clip, clip)
    return joint_scores.mean() - torch.logcumsumexp(m, 0)[-1] + math.log(len(m))
