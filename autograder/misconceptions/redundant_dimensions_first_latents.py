"""You look at the first latents only: there may be any number."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean, log_var).mean(0)[:32] < threshold).nonzero().flatten()
