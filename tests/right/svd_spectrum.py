"""The spectrum from singular values of the centred data, in double precision."""

import torch


def covariance_spectrum(x):
    n = x[0].numel()
    data = x.reshape(-1, n).double()
    data = data - data.mean(dim=0, keepdim=True)
    spectrum = torch.zeros(n, dtype=x.dtype)
    values = torch.linalg.svd(data / len(data) ** 0.5, full_matrices=False).S ** 2
    spectrum[: len(values)] = values.to(x.dtype)
    return spectrum
