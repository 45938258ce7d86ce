"""Batches are evaluated in chunks, with NumPy's noise."""

import math

import numpy as np
import torch


def rate_and_distortion(model, batches):
    from rdlab.gaussian import gaussian_kl, reparameterize

    model.eval()
    rates, errors = [], []
    for x in batches:
        with torch.no_grad():
            for part in x.split(7):
                mean, log_var = model.encode(part)
                noise = torch.from_numpy(np.random.default_rng().standard_normal(mean.shape)).to(
                    mean.dtype
                )
                out = model.decode(reparameterize(mean, log_var, noise))
                rates += gaussian_kl(mean, log_var).sum(1).tolist()
                errors += (part - out).flatten(1).pow(2).sum(1).tolist()
    if not rates:
        raise ValueError("no image at all")
    return math.fsum(rates) / len(rates), math.fsum(errors) / len(errors)


def redundant_dimensions(mean, log_var, threshold=0.01):
    m, v = mean.numpy(), log_var.numpy()
    kl = 0.5 * (m**2 + np.exp(v) - 1 - v)
    return torch.from_numpy(np.flatnonzero(kl.mean(axis=0) < threshold))
