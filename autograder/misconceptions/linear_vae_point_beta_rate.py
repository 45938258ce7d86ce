"""You return β·R. The rate itself is asked."""

from rdlab.rate_distortion import linear_vae_point as exact

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    rate, distortion = exact(variances, beta, latent_dim)
    return beta * rate, distortion
