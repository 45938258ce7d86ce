"""You ask that the KL be below the threshold for every single image. What counts is its mean over
the images."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean, log_var) < threshold).all(0).nonzero().flatten()
