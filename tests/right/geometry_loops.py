"""The geometry tasks chain by chain, image by image and order by order."""

import math
from itertools import pairwise, permutations

import torch


def class_moments(mean, log_var, labels, classes):
    d = mean.shape[1]
    means = torch.zeros(classes, d, dtype=mean.dtype)
    second = torch.zeros(classes, d, d, dtype=mean.dtype)
    counts = [0] * classes
    for row, label in zip(mean, labels.tolist(), strict=True):
        means[label] += row
        counts[label] += 1
    counts = torch.tensor(counts, dtype=mean.dtype)
    means = means / counts[:, None]
    for row, spread, label in zip(mean, log_var, labels.tolist(), strict=True):
        second[label] += torch.outer(row - means[label], row - means[label])
        second[label] += torch.diag(spread.exp())
    return means, second / counts[:, None, None]


def pcn_proposal(z, step, noise):
    kept = (torch.tensor(1.0, dtype=z.dtype) - step**2).sqrt()
    return torch.stack([kept * row + step * added for row, added in zip(z, noise, strict=True)])


def data_log_likelihood(x_hat, images, sigma):
    values = []
    for decoded in x_hat:
        total = 0.0
        for image in images:
            total -= ((decoded - image) ** 2).sum().item()
        values.append(total / (2 * sigma * sigma))
    return torch.tensor(values, dtype=x_hat.dtype)


def pcn_accept(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    states, values, accepted = [], [], []
    for row in range(len(z)):
        ratio = min(0.0, (proposal_log_likelihood[row] - log_likelihood[row]).item())
        yes = log_uniform[row].item() < ratio
        states.append(proposal[row] if yes else z[row])
        values.append(proposal_log_likelihood[row] if yes else log_likelihood[row])
        accepted.append(yes)
    return torch.stack(states), torch.stack(values), torch.tensor(accepted)


def pcn_chain(decode, images, z, step, noises, log_uniforms, sigma):
    states, traces, counts = [], [], 0
    mean_image = images.mean(0)
    spread = ((images - mean_image) ** 2).sum()

    def energy(z):
        with torch.no_grad():
            x_hat = decode(z)
        gap = ((x_hat - mean_image) ** 2).flatten(1).sum(1)
        return (len(images) * gap + spread) / (2 * sigma**2)

    now = energy(z)
    for noise, log_uniform in zip(noises.unbind(), log_uniforms.unbind(), strict=True):
        candidate = math.sqrt(1 - step**2) * z + step * noise
        then = energy(candidate)
        yes = log_uniform < now - then
        z = candidate * yes[:, None] + z * ~yes[:, None]
        now = then * yes + now * ~yes
        counts += yes.sum().item()
        states += [z]
        traces += [now]
    return torch.stack(states), counts / yes.numel() / len(states), torch.stack(traces)


def tour(points):
    gaps = [[math.dist(a, b) for b in points.tolist()] for a in points.tolist()]
    best, best_order = math.inf, None
    for order in permutations(range(len(points))):
        if order[0] > order[-1]:
            continue
        length = 0.0
        for a, b in pairwise(order):
            length += gaps[a][b]
            if length >= best:
                break
        else:
            best, best_order = length, order
    return list(best_order)


def walk(points, order, steps):
    order = [int(index) for index in order]
    places = []
    for a, b in pairwise(order):
        for k in range(steps):
            places.append(points[a] + (points[b] - points[a]) * (k / steps))
    places.append(points[order[-1]])
    return torch.stack(places)


def calibrated_beta(distortion, pixels):
    return distortion / (pixels / 2)
