"""You index a component for every latent dimension. There may be more latent dimensions than
components: the surplus ones stay unused."""

import math

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    values = sorted(variances.tolist(), reverse=True)
    coded = [values[i] for i in range(len(values) if latent_dim is None else latent_dim)]
    rate = sum(0.5 * math.log(v * 2 / beta) for v in coded if v > beta / 2)
    return rate, sum(min(v, beta / 2) for v in coded) + sum(values[len(coded) :])
