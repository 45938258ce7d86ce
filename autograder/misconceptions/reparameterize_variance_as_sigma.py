"""Your σ is exp(log_var), but that is the variance: log_var is log σ², so take half of it first."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + log_var.exp() * noise
