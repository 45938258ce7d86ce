"""You use log_var as if it were the variance itself. It is the natural logarithm of the variance."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var - 1 - log_var.abs().log())
