"""The rate-distortion functions as thin wrappers of a class of the student's own."""

import math

import torch


class GaussianSource:
    def __init__(self, variances):
        self.variances = variances.double()
        self.total = self.variances.sum().item()

    def rate_at_level(self, level):
        active = self.variances[self.variances > level]
        if level == 0:
            return math.inf if len(active) else 0.0
        return 0.5 * (active.log() - math.log(level)).sum().item()

    def distortion_at_level(self, level):
        return torch.minimum(self.variances, torch.tensor(level, dtype=torch.float64))

    def level(self, distortion):
        if distortion >= self.total:
            return self.variances.max().item()
        candidates = torch.cat([torch.zeros(1), self.variances]).sort().values
        totals = torch.stack([self.distortion_at_level(c.item()).sum() for c in candidates])
        k = int((totals <= distortion).sum()) - 1
        active = (self.variances > candidates[k]).sum().item()
        return (candidates[k] + (distortion - totals[k]) / active).item()


def reverse_water_filling(variances, distortion):
    if distortion < 0 or variances.min() < 0:
        raise ValueError("distortion and variances must be at least 0")
    source = GaussianSource(variances)
    level = source.level(distortion)
    distortions = source.distortion_at_level(level).to(variances.dtype)
    return source.rate_at_level(level), distortions, level


def white_gaussian_rate(variances, distortion):
    source = GaussianSource(variances)
    return max(len(variances) / 2 * math.log(source.total / distortion), 0.0)


def linear_vae_point(variances, beta, latent_dim=None):
    order = variances.argsort(descending=True)
    coded = GaussianSource(variances[order[:latent_dim]])
    distortion = coded.distortion_at_level(beta / 2).sum().item()
    left = 0.0 if latent_dim is None else variances[order[latent_dim:]].double().sum().item()
    return coded.rate_at_level(beta / 2), distortion + left


def excess_rate(rate, distortion, variances):
    source = GaussianSource(variances)
    return rate - source.rate_at_level(source.level(distortion))
