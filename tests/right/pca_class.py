"""Spectrum, rates and walks by a class and NumPy."""

import numpy as np
import torch
import torch.nn.functional as F


class _PCA:
    def __init__(self, x):
        self.u, self.s, self.vh = torch.linalg.svd(x - x.mean(0, keepdim=True), full_matrices=False)
        self.n, self.d = x.shape

    @property
    def variances(self):
        return F.pad(self.s.pow(2) / self.n, (0, self.d - self.s.numel()))


def covariance_spectrum(x):
    return _PCA(x.reshape(x.shape[0], -1)).variances


def linear_vae_point(variances, beta, latent_dim=None):
    v = np.sort(variances.double().numpy())[::-1]
    k = v.size if latent_dim is None else latent_dim
    t = beta / 2
    rate = 0.5 * np.log(np.maximum(v[:k] / t, 1)).sum()
    return rate, np.minimum(v[:k], t).sum() + v[k:].sum()


def gaussian_rate(variance, distortion):
    v, d = np.broadcast_arrays(
        variance.detach().double().numpy(), distortion.detach().double().numpy()
    )
    out = np.zeros(v.shape)
    a = d < v
    with np.errstate(divide="ignore"):
        out[a] = 0.5 * np.log(v[a] / d[a])
    return torch.from_numpy(out).to(torch.result_type(variance, distortion))


def excess_rate(rate, distortion, variances):
    v = np.sort(np.asarray(variances.double()))[::-1]
    if distortion >= v.sum():
        return float(rate)
    for k in range(len(v), 0, -1):
        t = (distortion - v[k:].sum()) / k
        if t <= v[k - 1]:
            break
    with np.errstate(divide="ignore"):
        return float(rate - 0.5 * np.log(v[:k] / t).sum())


def white_gaussian_rate(variances, distortion):
    v = variances.double().numpy()
    if distortion >= v.sum():
        return 0
    return np.float64(0.5 * v.size * np.log(v.sum() / distortion))


def interpolate(z_start, z_end, steps):
    return torch.from_numpy(np.linspace(z_start.numpy(), z_end.numpy(), steps))


def traverse(z, dimension, values):
    out = np.tile(z.numpy(), (len(values), 1))
    out[:, dimension] = values.numpy()
    return torch.from_numpy(out)
