"""You scale the noise by log_var itself. It is a logarithm, and may be negative: turn it into a
standard deviation first."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + log_var * noise
