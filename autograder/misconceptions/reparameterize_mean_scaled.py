"""You multiply the mean by σ as well: the sample then is centred on σ·mean. Only the noise is
scaled."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return (mean + noise) * (0.5 * log_var).exp()
