"""You average the parameters and then take the KL: average the KL of each image."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean.mean(0), log_var.mean(0)) < threshold).nonzero().flatten()
