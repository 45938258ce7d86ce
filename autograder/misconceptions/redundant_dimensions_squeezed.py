"""With exactly one redundant dimension you return a scalar: squeeze() drops every axis of size 1.
The shape is always (k,)."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean, log_var).mean(0) < threshold).nonzero().squeeze()
