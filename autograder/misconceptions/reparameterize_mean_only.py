"""You return the mean: without noise this is no sample, and the rate would cost nothing."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + 0 * log_var * noise
