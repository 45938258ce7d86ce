"""One image with a small KL is enough for you to call a dimension redundant. Average the KL over
the images first."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean, log_var) < threshold).any(0).nonzero().flatten()
