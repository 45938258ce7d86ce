"""All your rows are the same tensor, and end with the last value. Copy the latent for each value."""

import torch

TASK = "2.8"


def traverse(z, dimension, values):
    row, rows = z.clone(), []
    for value in values:
        row[dimension] = value
        rows.append(row)
    return torch.stack(rows)
