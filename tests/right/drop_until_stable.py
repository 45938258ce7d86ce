"""Water-filling that drops covered components until none is left, and a point on it."""

import math

import torch


def reverse_water_filling(variances, distortion):
    from rdlab.rate_distortion import WaterFilling

    if distortion < 0 or torch.any(variances.lt(0)):
        raise ValueError("no negative numbers please")
    v = variances.to(torch.float64)
    if distortion >= v.sum().item():
        return WaterFilling(0.0, variances.clone(), variances.max().item())
    active = v > 0
    while True:
        theta = (distortion - v[~active].sum().item()) / int(active.sum())
        still = active & (v > theta)
        if int(still.sum()) == int(active.sum()):
            break
        active = still
    if theta <= 0:
        return WaterFilling(math.inf, torch.zeros_like(variances), 0.0)
    d = torch.where(active, theta, v).to(variances.dtype)
    return WaterFilling((v[active] / theta).log().sum().item() / 2, d, theta)


def linear_vae_point(variances, beta, latent_dim=None):
    from rdlab.rate_distortion import reverse_water_filling

    v = variances.double().sort(descending=True)[0]
    k = min(latent_dim if latent_dim is not None else len(v), len(v))
    d = v[:k].clamp(max=beta / 2).sum().item()
    return reverse_water_filling(v[:k], d).rate, d + v[k:].sum().item()
