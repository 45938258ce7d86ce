"""Components that are not coded are missing from your distortion. They lose their whole variance."""

from rdlab.rate_distortion import linear_vae_point as exact

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    return exact(variances.sort(descending=True).values[:latent_dim], beta)
