"""Rate and distortion of a frozen copy of the model, with a generator of its own."""

import copy

import numpy as np
import torch

from rdlab.gaussian import gaussian_kl, reparameterize


def rate_and_distortion(model, batches):
    net = copy.deepcopy(model).eval()
    for p in net.parameters():
        p.requires_grad_(False)
    r, d = [], []
    g = torch.Generator().manual_seed(123)
    for x in batches:
        m, v = net.encode(x)
        z = reparameterize(m, v, torch.randn(m.shape, generator=g))
        r.append(gaussian_kl(m, v).sum(1).numpy())
        d.append((x - net.decode(z)).square().flatten(1).sum(1).numpy())
    if not r or not np.concatenate(r).size:
        raise ValueError
    return np.concatenate(r).mean(), np.concatenate(d).mean()


def redundant_dimensions(mean, log_var, threshold=0.01):
    kl = (0.5 * (mean**2 + log_var.exp() - log_var - 1)).sum(0) / len(mean)
    return torch.arange(kl.numel())[kl.lt(threshold)]
