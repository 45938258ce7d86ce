"""You shuffle x and z independently when you split the data, so no pair is a joint pair any more.
Split both with the same order."""

import torch

from rdlab.mutual_information import estimate_mutual_information as exact

TASK = "3.7"


def estimate_mutual_information(x, z, *, seed=0, **options):
    generator = torch.Generator().manual_seed(seed)
    x = x[torch.randperm(len(x), generator=generator)]
    z = z[torch.randperm(len(z), generator=generator)]
    return exact(x, z, seed=seed, **options)
