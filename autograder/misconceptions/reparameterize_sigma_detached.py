"""The sample is right, but your σ is cut from the graph: no gradient reaches log_var, so the
encoder would never learn its variance."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + (0.5 * log_var.detach()).exp() * noise
