"""Where no dimension is redundant you return a floating-point tensor: torch.tensor([]) is one.
Indices are integers: say so by dtype."""

import torch

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    from rdlab.gaussian import gaussian_kl

    kl = gaussian_kl(mean, log_var).mean(0)
    return torch.tensor([i for i, k in enumerate(kl.tolist()) if k < threshold])
