"""A constant is missing from your KL: at mean 0 and variance 1 it must be 0."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp() - log_var)
