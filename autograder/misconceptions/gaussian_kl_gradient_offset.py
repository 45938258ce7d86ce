"""Your KL is right, but its gradient with respect to the log-variance is off by a constant."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return kl + 0.01 * (log_var - log_var.detach())
