"""You clamp log_var to [−4, 4], so narrow and wide posteriors get the wrong width and no gradient.
The function must hold for every log_var."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return mean + (0.5 * log_var.clamp(-4, 4)).exp() * noise
