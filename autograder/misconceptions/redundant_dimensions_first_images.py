"""You look at the first images only: average over all."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean[:100], log_var[:100]).mean(0) < threshold).nonzero().flatten()
