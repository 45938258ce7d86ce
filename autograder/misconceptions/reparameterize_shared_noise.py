"""All rows get the noise of the first one. Each image of the batch needs its own."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    first = noise.reshape(-1, noise.shape[-1])[0]
    return mean + (0.5 * log_var).exp() * first
