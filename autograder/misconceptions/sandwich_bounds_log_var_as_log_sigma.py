"""You take log_var for log σ: your variance is exp(2·log_var)."""

from rdlab.sandwich import sandwich_bounds as exact

TASK = "3.8"


def sandwich_bounds(z, mean, log_var):
    return exact(z, mean, 2 * log_var)
