"""The mean enters your KL by its absolute value; it must enter by its square."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean.abs() + log_var.exp() - 1 - log_var)
