"""You list the dimensions by their KL. Return the indices in ascending order."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    kl = gaussian_kl(mean, log_var).mean(0)
    order = kl.argsort()
    return order[kl[order] < threshold]
