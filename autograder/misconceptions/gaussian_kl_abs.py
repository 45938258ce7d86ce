"""You take the absolute value of single terms. They may be negative; only their sum is a
divergence, and it needs no abs()."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + (log_var.exp() - 1).abs() - log_var.abs())
