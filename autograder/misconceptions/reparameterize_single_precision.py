"""You compute in single precision and only then return to double: the digits are lost by then."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return (mean.float() + (0.5 * log_var.float()).exp() * noise.float()).to(mean.dtype)
