"""Only the active components computed, by masked assignment; the spectrum by torch.cov."""

import torch


def gaussian_rate(variance, distortion):
    shape = torch.broadcast_shapes(variance.shape, distortion.shape)
    v, d = variance.expand(shape), distortion.expand(shape)
    out = torch.zeros(shape, dtype=torch.result_type(v, d))
    m = d < v
    out[m] = (v[m].log() - d[m].log()) * 0.5
    return out


def covariance_spectrum(x):
    dtype, x = x.dtype, torch.flatten(x, start_dim=1).double()
    n, p = x.shape
    if p <= n:
        return (
            torch.linalg.eigvalsh(torch.cov(x.T, correction=0).reshape(p, p))
            .clamp_min(0)
            .sort(descending=True)
            .values.to(dtype)
        )
    x = x - x.mean(dim=0, keepdim=True)
    e = torch.linalg.eigh(x.mm(x.t()).div(n)).eigenvalues.clamp_min(0).flip(0)
    return torch.nn.functional.pad(e, (0, p - n)).to(dtype)
