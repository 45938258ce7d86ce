"""The geometry tasks with torch.distributions and library functions."""

import math

import numpy as np
import torch
from torch.distributions import Normal


def class_moments(mean, log_var, labels, classes):
    means, covariances = [], []
    for label in range(classes):
        own = mean[labels == label]
        if len(own) == 0:
            means.append(torch.full_like(mean[0], math.nan))
            covariances.append(torch.full_like(torch.outer(mean[0], mean[0]), math.nan))
            continue
        scatter = torch.cov(own.T, correction=0).reshape(mean.shape[1], mean.shape[1])
        means.append(own.mean(0))
        covariances.append(scatter + torch.diag(log_var[labels == label].exp().mean(0)))
    return torch.stack(means), torch.stack(covariances)


def pcn_proposal(z, step, noise):
    angle = math.asin(step)
    return math.cos(angle) * z + math.sin(angle) * noise


def data_log_likelihood(x_hat, images, sigma):
    zero = Normal(torch.zeros((), dtype=x_hat.dtype), sigma)
    peak = zero.log_prob(torch.zeros((), dtype=x_hat.dtype))
    return torch.stack([sum((zero.log_prob(x - h) - peak).sum() for x in images) for h in x_hat])


def pcn_accept(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    threshold = (proposal_log_likelihood - log_likelihood).clamp(max=0)
    accepted = log_uniform < threshold
    weights = accepted.to(z.dtype)[:, None]
    states = weights * proposal + (1 - weights) * z
    values = torch.where(accepted, proposal_log_likelihood, log_likelihood)
    return states, values, accepted


@torch.no_grad()
def pcn_chain(decode, images, z, step, noises, log_uniforms, sigma):
    def log_likelihood(states):
        x_hat = decode(states).flatten(1)
        flat = images.flatten(1)
        distances = torch.cdist(x_hat, flat, compute_mode="donot_use_mm_for_euclid_dist")
        return -distances.square().sum(1) / (2 * sigma**2)

    steps, chains, d = noises.shape
    samples, trace = noises.new_empty(steps, chains, d), noises.new_empty(steps, chains)
    accepted, current = 0, log_likelihood(z)
    for t in range(steps):
        proposal = pcn_proposal(z, step, noises[t])
        z, current, moved = pcn_accept(
            z, proposal, current, log_likelihood(proposal), log_uniforms[t]
        )
        samples[t], trace[t] = z, -current
        accepted += int(moved.sum())
    return samples, accepted / (steps * chains), trace


def tour(points):
    count = len(points)
    gaps = (points.double().unsqueeze(1) - points.double()).square().sum(2).sqrt()
    lengths = torch.full((1 << count, count), math.inf, dtype=torch.float64)
    before = torch.full((1 << count, count), -1)
    for start in range(count):
        lengths[1 << start, start] = 0
    for visited in range(1, 1 << count):
        for following in range(count):
            if not visited >> following & 1:
                options = lengths[visited] + gaps[:, following]
                both = visited | 1 << following
                lengths[both, following], before[both, following] = options.min(0)
    visited, last = (1 << count) - 1, int(lengths[-1].argmin())
    order = []
    while last >= 0:
        order.append(last)
        visited, last = visited & ~(1 << last), int(before[visited, last])
    return torch.tensor(order)


def walk(points, order, steps):
    visits = points[torch.as_tensor(order)].numpy()
    marks = np.arange(len(visits))
    places = np.arange((len(visits) - 1) * steps + 1) / steps
    columns = [np.interp(places, marks, column) for column in visits.T]
    return torch.from_numpy(np.stack(columns, 1)).to(points.dtype)


def calibrated_beta(distortion, pixels):
    return 2 * math.sqrt(distortion / pixels) ** 2
