"""You limit the mean, so posteriors far from the prior get too small a KL."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean.clamp(-2000, 2000) ** 2 + log_var.exp() - 1 - log_var)
