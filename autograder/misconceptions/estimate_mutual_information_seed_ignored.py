"""Two runs with the same seed differ. The seed fixes everything random: the split, the critic and
the batches."""

import torch

from rdlab.mutual_information import estimate_mutual_information as exact

TASK = "3.7"


def estimate_mutual_information(x, z, *, seed=0, **options):
    return exact(x, z, seed=int(torch.randint(2**31, ()).item()), **options)
