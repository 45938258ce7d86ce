"""You draw a permutation of your own. Use the one you are given."""

import torch

TASK = "3.1"


def marginal_pairs(x, z, permutation):
    return x, z[torch.randperm(len(z))]
