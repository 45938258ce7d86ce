"""You hold the KL above a floor ("free bits"). That is a trick for training; the divergence itself
goes down to 0."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return (0.5 * (mean**2 + log_var.exp() - 1 - log_var)).clamp(min=0.05)
