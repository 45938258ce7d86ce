"""You take the square root of the level. It is a variance, like those it is compared with."""

from rdlab.rate_distortion import linear_vae_point as exact

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    return exact(variances, 2 * (beta / 2) ** 0.5, latent_dim)
