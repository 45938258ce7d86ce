"""Densities and divergences from torch.distributions, sums by numpy.logaddexp."""

import numpy as np
import torch
from torch.distributions import Categorical


def sandwich_bounds(z, mean, log_var):
    z, m, v = (t.numpy().astype(np.float64) for t in (z, mean, log_var))
    n = len(z)
    lo = up = 0.0
    for i in range(n):
        lp = -0.5 * (((z[i] - m) ** 2) * np.exp(-v) + v).sum(1)
        lo += lp[i] - np.logaddexp.reduce(lp) + np.log(n)
        up += lp[i] - np.logaddexp.reduce(np.delete(lp, i)) + np.log(n - 1)
    return lo / n, up / n


def linear_vae_point(variances, beta, latent_dim=None):
    v = np.sort(variances.numpy().astype(np.float64))[::-1]
    coded = v[:latent_dim]
    active = coded[coded > beta / 2]
    R = 0.5 * np.sum(np.log(2 * active / beta))
    D = len(active) * beta / 2 + v.sum() - active.sum()
    return [R, D]


def label_information(logits, labels):
    counts = torch.unique(labels, return_counts=True)[1].double()
    h = Categorical(probs=counts / counts.sum()).entropy()
    return (h + Categorical(logits=logits.double()).log_prob(labels).mean()).item()
