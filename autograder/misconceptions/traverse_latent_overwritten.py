"""You write into the caller's latent. Copy it before you change a dimension."""

import torch

TASK = "2.8"


def traverse(z, dimension, values):
    rows = []
    for value in values:
        z[dimension] = value
        rows.append(z.clone())
    return torch.stack(rows)
