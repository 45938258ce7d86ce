"""You keep the log-variance within a range: very wide and very narrow posteriors get another
width.
"""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + (0.5 * log_var.clamp(-40, 40)).exp() * noise
