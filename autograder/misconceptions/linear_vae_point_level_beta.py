"""Your water level is β. A Gaussian likelihood has a factor ½ that the squared error lacks: look up
the level again."""

from rdlab.rate_distortion import linear_vae_point as exact

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    return exact(variances, 2 * beta, latent_dim)
