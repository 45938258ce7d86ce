"""You limit the log-variance from above, so very wide posteriors get too small a KL."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.clamp(max=40).exp() - 1 - log_var)
