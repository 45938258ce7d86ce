"""Your lower bound compares with a sum over the N densities. The mixture is their mean."""

import math

from rdlab.sandwich import sandwich_bounds as exact

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    lower, upper = exact(z, mean, log_var)
    return lower - math.log(len(z)), upper
