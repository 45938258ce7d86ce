"""The sample is right, but it is computed inside the caller's noise tensor, which is spoiled. Leave
arguments as they were: no in-place operation on them."""

TASK = "1.1"


def reparameterize(mean, log_var, noise):
    return noise.mul_((0.5 * log_var).exp()).add_(mean)
