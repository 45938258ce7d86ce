"""The water level by searching a sorted list of volumes, the linear VAE by topk."""

import torch


def reverse_water_filling(variances, distortion):
    from rdlab.rate_distortion import gaussian_rate

    if (variances < 0).any() or distortion < 0:
        raise ValueError("must not be negative")
    v = variances.double()
    a = v.sort().values
    n = len(a)
    below = torch.cat([torch.zeros(1, dtype=torch.float64), a.cumsum(0)[:-1]])
    filled = below + a * torch.arange(n, 0, -1)
    k = int(torch.searchsorted(filled, torch.tensor(float(distortion), dtype=torch.float64)))
    level = a[-1] if k >= n else (distortion - below[k]) / (n - k)
    level = torch.minimum(level, a[-1]).clamp(min=0)
    d = torch.minimum(v, level)
    return gaussian_rate(v, d).sum(), d.to(variances.dtype), level


def linear_vae_point(variances, beta, latent_dim=None):
    v = variances.to(torch.float64)
    k = min(latent_dim or v.numel(), v.numel())
    top = v.topk(k).values
    theta = beta / 2
    rate = torch.clamp(0.5 * torch.log(top / theta), min=0).sum()
    return rate, v.sum() - torch.clamp(top - theta, min=0).sum()


def traverse(z, dimension, values):
    k = values.shape[0]
    return torch.cat(
        [z[:dimension].expand(k, -1), values.unsqueeze(1), z[dimension + 1 :].expand(k, -1)], dim=1
    )
