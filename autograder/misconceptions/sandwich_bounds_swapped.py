"""You return (upper, lower). The lower bound comes first."""

from rdlab.sandwich import sandwich_bounds as exact

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    return exact(z, mean, log_var)[::-1]
