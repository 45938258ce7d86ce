"""You handle matrices only. The rows of z may have any shape, (N, ...)."""

TASK = "3.1"


def marginal_pairs(x, z, permutation):
    return x, z.gather(0, permutation.unsqueeze(1).expand(-1, z.shape[1]))
