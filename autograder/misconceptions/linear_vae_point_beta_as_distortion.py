"""You take β/2 for the total distortion. It is the water level, from which the distortion follows."""

from rdlab.rate_distortion import reverse_water_filling

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    coded = variances.sort(descending=True).values[:latent_dim]
    result = reverse_water_filling(coded, beta / 2)
    rest = (variances.sum() - coded.sum()).item()
    return result.rate, result.distortions.sum().item() + rest
