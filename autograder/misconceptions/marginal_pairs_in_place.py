"""You overwrite the caller's z, so its pairs are lost for the joint scores. Return a new tensor."""

TASK = "3.1"


def marginal_pairs(x, z, permutation):
    z[:] = z[permutation]
    return x, z
