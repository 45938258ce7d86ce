"""Every coded component ends at the level in your distortion, even one with less variance than
that."""

from rdlab.rate_distortion import linear_vae_point as exact

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    rate, _ = exact(variances, beta, latent_dim)
    descending = variances.double().sort(descending=True).values
    k = len(descending) if latent_dim is None else min(latent_dim, len(descending))
    return rate, k * beta / 2 + descending[k:].sum().item()
