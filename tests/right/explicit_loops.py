"""Explicit Python loops, a few images, one dimension or one score at a time."""

import math

import torch


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    total = 0
    for i in range(len(x)):
        total = total + ((x[i] - x_hat[i]) ** 2).sum()
        for j in range(mean.shape[1]):
            variance = torch.exp(log_var[i, j])
            kl = (mean[i, j] ** 2 + variance - log_var[i, j] - 1) / 2
            total = total + beta * kl
    return total / len(x)


def rate_and_distortion(model, batches):
    model.eval()
    rates, errors = [], []
    for batch in batches:
        for images in batch.split(4):
            with torch.no_grad():
                mean, log_var = model.encode(images)
                z = mean + torch.exp(log_var / 2) * torch.randn(mean.shape, dtype=mean.dtype)
                error = (model.decode(z) - images) ** 2
                kl = 0.5 * (mean**2 + log_var.exp() - log_var - 1)
            rates += kl.flatten(1).sum(1).tolist()
            errors += error.flatten(1).sum(1).tolist()
    if not rates:
        raise ValueError("there are no images")
    return sum(rates) / len(rates), sum(errors) / len(errors)


def redundant_dimensions(mean, log_var, threshold=0.01):
    found = []
    for j in range(mean.shape[1]):
        kl = (mean[:, j] ** 2 + log_var[:, j].exp() - log_var[:, j] - 1) / 2
        if kl.mean() < threshold:
            found.append(j)
    return torch.tensor(found, dtype=torch.long)


def white_gaussian_rate(variances, distortion):
    n = len(variances)
    average = sum(float(v) for v in variances) / n
    rate = 0.0
    for _ in range(n):
        if distortion / n < average:
            rate += 0.5 * math.log(average / (distortion / n))
    return rate


def linear_vae_point(variances, beta, latent_dim=None):
    ordered = sorted((float(v) for v in variances), reverse=True)
    if latent_dim is None:
        latent_dim = len(ordered)
    rate = distortion = 0.0
    for i, variance in enumerate(ordered):
        if i < latent_dim and variance > beta / 2:
            rate += 0.5 * math.log(2 * variance / beta)
            distortion += beta / 2
        else:
            distortion += variance
    return rate, distortion


def interpolate(z_start, z_end, steps):
    points = []
    for k in range(steps):
        share = k / (steps - 1)
        points.append(z_start * (1 - share) + z_end * share)
    return torch.stack(points)


def traverse(z, dimension, values):
    rows = []
    for value in values:
        row = z.clone()
        row[dimension] = value
        rows.append(row)
    return torch.stack(rows)


def info_nce_bound(scores):
    k = scores.shape[0]
    terms = [scores[i, i] - torch.logsumexp(scores[i], 0) + math.log(k) for i in range(k)]
    return sum(terms) / k


def marginal_pairs(x, z, permutation):
    return x, torch.stack([z[int(j)] for j in permutation])
