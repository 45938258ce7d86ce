"""You limit the KL itself from above: it has no largest value."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return (0.5 * (mean**2 + log_var.exp() - 1 - log_var)).clamp(max=1e7)
