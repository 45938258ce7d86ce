"""The sample is right, but the mean enters its gradient twice."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    z = mean + (0.5 * log_var).exp() * noise
    return z + (mean - mean.detach())
