"""You add a small constant to the variance, so narrow posteriors become too wide."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + (log_var.exp() + 1e-8).sqrt() * noise
