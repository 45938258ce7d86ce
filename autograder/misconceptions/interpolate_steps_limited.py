"""Beyond a fixed number of steps you repeat the end: space them evenly for any."""

import torch

TASK = "2.7"


def interpolate(z_start, z_end, steps):
    delta = (z_end - z_start) / (steps - 1)
    rows = [z_start]
    for _ in range(min(steps, 20) - 1):
        rows.append(rows[-1] + delta)
    rows += [z_end] * (steps - len(rows))
    return torch.stack(rows)
