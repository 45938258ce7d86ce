"""You average over the latent dimensions, which tells about images. Average over the images."""

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean, log_var).mean(1) < threshold).nonzero().flatten()
