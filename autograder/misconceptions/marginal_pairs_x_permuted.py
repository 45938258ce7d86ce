"""You permute x. Here x stays as it is and z is permuted."""

TASK = "3.1"


def marginal_pairs(x, z, permutation):
    return x[permutation], z
