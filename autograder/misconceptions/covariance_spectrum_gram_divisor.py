"""With fewer points than components you divide by n. The divisor is the number of points, always."""

import torch

TASK = "2.3"


def covariance_spectrum(x):
    x = x.flatten(1)
    squares = torch.linalg.svdvals(x - x.mean(0)).square() / max(x.shape)
    return torch.cat([squares, x.new_zeros(x.shape[1] - len(squares))])
