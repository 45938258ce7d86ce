"""You undo the logarithm with base 2. log_var is a natural logarithm."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + 2 ** (log_var / 2) * noise
