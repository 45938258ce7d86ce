"""Wrong versions of marginal_pairs (task 3.1). A docstring is what the student is told."""

import torch

from tests.wrong import mistake, mutant

TASK = "3.1"


@mistake
def both_permuted(x, z, permutation):
    """You permute both sides alike, so every x keeps its own z: these are still samples of p(x,
    z)."""
    return x[permutation], z[permutation]


@mistake
def fixed_points_dropped(x, z, permutation):
    """You drop the pairs that the permutation leaves alone. Fixed points are harmless, and all N
    rows are needed."""
    moved = permutation != torch.arange(len(x))
    return x[moved], z[permutation][moved]


@mistake
def in_place(x, z, permutation):
    """You overwrite the caller's z, so its pairs are lost for the joint scores. Return a new
    tensor."""
    z[:] = z[permutation]
    return x, z


@mistake
def inverse(x, z, permutation):
    """You apply the inverse permutation: z[i] goes to row permutation[i]. Row i must hold
    z[permutation[i]]."""
    permuted = torch.empty_like(z)
    permuted[permutation] = z
    return x, permuted


@mistake(raises=True)
def matrix_only(x, z, permutation):
    """You handle matrices only. The rows of z may have any shape, (N, ...)."""
    return x, z.gather(0, permutation.unsqueeze(1).expand(-1, z.shape[1]))


@mistake
def own_permutation(x, z, permutation):
    """You draw a permutation of your own. Use the one you are given."""
    return x, z[torch.randperm(len(z))]


@mistake
def rolled(x, z, permutation):
    """You shift z by one row whatever the permutation says."""
    return x, z.roll(1, 0)


@mistake
def x_permuted(x, z, permutation):
    """You permute x. Here x stays as it is and z is permuted."""
    return x[permutation], z


@mutant
def first_rows(x, z, permutation):
    # Permutes 64 rows: shows that a check has more.
    z = z.clone()
    n = min(len(z), 64)
    z[:n] = z[permutation[:n]] if n < len(z) else z[permutation]
    return x, z


@mutant
def thousand_pairs(x, z, permutation):
    # Right for 1,000 pairs: shows that a check has more.
    order = torch.where(torch.arange(len(z)) < 1000, permutation, torch.arange(len(z)))
    return x, z[order]
