"""Your bounds are in bits. Report them in nats."""

import math

from rdlab.sandwich import sandwich_bounds as exact

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    lower, upper = exact(z, mean, log_var)
    return lower / math.log(2), upper / math.log(2)
