"""Without a latent_dim you take 32. The default is one latent per component."""

TASK = "2.6"


def linear_vae_point(variances, beta, latent_dim=None):
    v = variances.double().sort(descending=True).values
    k = min(latent_dim or 32, len(v))
    top, rest = v[:k], v[k:]
    r = 0.5 * (top.clamp(min=beta / 2) / (beta / 2)).log().sum().item()
    return r, (top.clamp(max=beta / 2).sum() + rest.sum()).item()
