"""You shift z by one row whatever the permutation says."""

TASK = "3.1"


def marginal_pairs(x, z, permutation):
    return x, z.roll(1, 0)
