"""You take the median of the KL over the images, not the mean: a latent that few images use is no
idle one.
"""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean, log_var).median(0).values < threshold).nonzero().flatten()
