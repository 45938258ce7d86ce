"""The geometry tasks as matrix products, with NumPy where it is handy."""

from functools import cache

import numpy as np
import torch
from torch.nn.functional import one_hot


def class_moments(mean, log_var, labels, classes):
    members = one_hot(labels, classes).to(mean.dtype).T
    weights = members / members.sum(1, keepdim=True)
    means = weights @ mean
    second = torch.einsum("cn,nd,ne->cde", weights, mean, mean)
    own = torch.diag_embed(weights @ log_var.exp())
    return means, second - means.unsqueeze(2) * means.unsqueeze(1) + own


def pcn_proposal(z, step, noise):
    return ((1 - step) * (1 + step)) ** 0.5 * z + step * noise


def data_log_likelihood(x_hat, images, sigma):
    decoded, given = x_hat.flatten(1).double(), images.flatten(1).double()
    errors = len(given) * decoded.square().sum(1) - 2 * decoded @ given.sum(0)
    return (-(errors + given.square().sum()) / (2 * sigma**2)).to(x_hat.dtype)


def pcn_accept(z, proposal, log_likelihood, proposal_log_likelihood, log_uniform):
    accepted = (log_uniform + log_likelihood) < proposal_log_likelihood
    states, values = z.clone(), log_likelihood.clone()
    states[accepted] = proposal[accepted]
    values[accepted] = proposal_log_likelihood[accepted]
    return states, values, accepted


def pcn_chain(decode, images, z, step, noises, log_uniforms, sigma):
    samples, moves, trace = [z], [], []
    with torch.inference_mode():
        energy = -data_log_likelihood(decode(z), images, sigma)
        for t in range(noises.shape[0]):
            proposal = pcn_proposal(samples[-1], step, noises[t])
            new = -data_log_likelihood(decode(proposal), images, sigma)
            moved = log_uniforms[t] < energy - new
            samples.append(torch.where(moved.view(-1, 1), proposal, samples[-1]))
            energy = torch.where(moved, new, energy)
            moves.append(moved)
            trace.append(energy)
    rate = torch.cat(moves).to(torch.float64).mean()
    return torch.stack(samples[1:]), rate, torch.stack(trace)


def tour(points):
    gaps = np.linalg.norm(points.double().numpy()[:, None] - points.double().numpy()[None], axis=2)

    @cache
    def shortest(left, last):
        if not left:
            return 0.0, (last,)
        options = []
        for following in left:
            length, path = shortest(left - {following}, following)
            options.append((gaps[last, following] + length, (last, *path)))
        return min(options)

    everything = frozenset(range(len(points)))
    paths = [shortest(everything - {start}, start) for start in everything]
    return np.array(min(paths)[1])


def walk(points, order, steps):
    visits = points[[int(index) for index in order]]
    count = len(visits)
    places = torch.arange((count - 1) * steps + 1, dtype=points.dtype) / steps
    weights = (1 - (places.unsqueeze(1) - torch.arange(count).to(points.dtype)).abs()).clamp(min=0)
    return weights @ visits


def calibrated_beta(distortion, pixels):
    return torch.tensor(2 * distortion / pixels, dtype=torch.float64)
