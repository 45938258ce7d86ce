"""You let components without a latent dimension end at the water level. They are not coded at all,
and lose their whole variance."""

from rdlab.rate_distortion import linear_vae_point as exact

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    rate, _ = exact(variances, beta, latent_dim)
    return rate, exact(variances, beta)[1]
