"""Your upper bound divides by N, but only N − 1 densities are left."""

import math

from rdlab.sandwich import sandwich_bounds as exact

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    lower, upper = exact(z, mean, log_var)
    return lower, upper + math.log(len(z) / (len(z) - 1))
