"""Part 4 image by image and component by component, with explicit inverses and determinants."""

import math

import torch
from torch import nn


def multivariate_gaussian_kl(mean_1, covariance_1, mean_2, covariance_2):
    shape, d = mean_1.shape[:-1], mean_1.shape[-1]
    values = []
    for m_1, c_1, m_2, c_2 in zip(
        mean_1.reshape(-1, d),
        covariance_1.reshape(-1, d, d),
        mean_2.reshape(-1, d),
        covariance_2.reshape(-1, d, d),
        strict=True,
    ):
        precision, gap = torch.inverse(c_2), m_2 - m_1
        log_ratio = torch.linalg.slogdet(c_2)[1] - torch.linalg.slogdet(c_1)[1]
        values.append((gap @ precision @ gap + torch.trace(precision @ c_1) + log_ratio - d) / 2)
    return torch.stack(values).reshape(shape)


def bernoulli_log_likelihood(x, logits):
    values = []
    for image, own in zip(x, logits, strict=True):
        cost = own.clamp(min=0) - own * image + torch.log1p(torch.exp(-own.abs()))
        values.append(-cost.sum())
    return torch.stack(values)


class Autoencoder(nn.Module):
    LAYERS = ("hidden", "mean", "log_var", "up", "out")

    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__()
        sizes = (
            (pixels, hidden_size),
            (hidden_size, latent_dim),
            (hidden_size, latent_dim),
            (latent_dim, hidden_size),
            (hidden_size, pixels),
        )
        for name, (inputs, outputs) in zip(self.LAYERS, sizes, strict=True):
            if name != "log_var" or kind == "vae":
                self.add_module(name, nn.Linear(inputs, outputs))

    def encode(self, x):
        hidden = self.hidden(x)
        hidden = torch.where(hidden > 0, hidden, torch.zeros_like(hidden))
        return self.mean(hidden), self.log_var(hidden) if hasattr(self, "log_var") else None

    def decode(self, z):
        rows = [self.out(self.up(code).clamp(min=0)) for code in z]
        return torch.stack(rows)

    def forward(self, x, noise):
        mean, log_var = self.encode(x)
        if log_var is None:
            return self.decode(mean), mean, None
        z = [m + torch.sqrt(torch.exp(v)) * e for m, v, e in zip(mean, log_var, noise, strict=True)]
        return self.decode(torch.stack(z)), mean, log_var


def autoencoder_loss(x, logits, mean, log_var):
    reconstruction, kl = 0.0, 0.0
    for i in range(len(x)):
        own = logits[i]
        reconstruction = reconstruction + (torch.logaddexp(own, own * 0) - x[i] * own).sum()
        if log_var is not None:
            kl = kl + (mean[i] ** 2 + log_var[i].expm1() - log_var[i]).sum() / 2
    reconstruction, kl = reconstruction / len(x), kl / len(x)
    return reconstruction + kl, reconstruction, kl


def gaussian_elbo(x, x_hat, mean, log_var, sigma):
    values = []
    for i in range(len(x)):
        standardised = (x[i] - x_hat[i]) / sigma
        pixels = -(standardised**2) / 2 - math.log(sigma) - math.log(2 * math.pi) / 2
        kl = (mean[i] ** 2 + log_var[i].exp() - 1 - log_var[i]) / 2
        values.append(pixels.sum() - kl.sum())
    return torch.stack(values)


def linear_elbo(variances, sigma, latent_dim):
    total, level = 0.0, sigma * sigma
    for place, variance in enumerate(sorted(variances.tolist())[::-1]):
        if place < latent_dim and variance > level:
            total += 1 + math.log(variance)
        else:
            total += variance / level + math.log(level)
    return -(total + len(variances) * math.log(2 * math.pi)) / 2


def round_trip(model, z, sigma, image_noise, latent_noise):
    was_training = model.training
    model.train(False)
    images, latents = [], []
    with torch.inference_mode():
        for i in range(len(z)):
            x = model.decode(z[i : i + 1])[0] + sigma * image_noise[i]
            mean, log_var = model.encode(x.unsqueeze(0))
            images.append(x)
            latents.append(mean[0] + log_var[0].exp().sqrt() * latent_noise[i])
    model.train(was_training)
    return torch.stack(latents), torch.stack(images)


def latent_grid(rows, columns, extent):
    points = []
    for row in range(rows):
        for column in range(columns):
            across = 2 * extent * column / (columns - 1) - extent
            points.append([across, extent - 2 * extent * row / (rows - 1)])
    return torch.tensor(points)


def importance_bound(log_weights):
    total = log_weights[0]
    for row in log_weights[1:]:
        total = torch.logaddexp(total, row)
    return total - math.log(log_weights.size(0))
