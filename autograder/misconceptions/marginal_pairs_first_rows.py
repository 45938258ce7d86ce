"""You permute the first rows only, so the others stay joint pairs."""

TASK = "3.1"


def marginal_pairs(x, z, permutation):
    z = z.clone()
    n = min(len(z), 64)
    z[:n] = z[permutation[:n]] if n < len(z) else z[permutation]
    return x, z
