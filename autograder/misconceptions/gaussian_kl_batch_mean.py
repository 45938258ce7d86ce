"""You average over the batch. Return one value for each image and each dimension, in the shape of
mean."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).flatten(0, -2).mean(0)
