"""With more than three axes you reuse the noise of the first row: only the last axis is special."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    if mean.ndim > 3:
        noise = noise[:1].expand_as(mean)
    return mean + (0.5 * log_var).exp() * noise
