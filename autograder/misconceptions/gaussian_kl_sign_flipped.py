"""Your KL has the wrong sign: a divergence is never negative."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (1 + log_var - mean**2 - log_var.exp())
