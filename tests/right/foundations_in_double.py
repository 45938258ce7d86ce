"""Part 4 computed in double precision and rounded at the end, as a careful student may."""

import math

import torch
from torch import nn


def _double(*tensors):
    return [tensor.to(torch.float64) for tensor in tensors]


def multivariate_gaussian_kl(mean_1, covariance_1, mean_2, covariance_2):
    dtype = mean_1.dtype
    mean_1, covariance_1, mean_2, covariance_2 = _double(mean_1, covariance_1, mean_2, covariance_2)
    both = torch.cat([covariance_1, (mean_1 - mean_2).unsqueeze(-1)], dim=-1)
    solved = torch.linalg.solve(covariance_2, both)
    trace = torch.einsum("...ii->...", solved[..., :-1])
    distance = torch.einsum("...i,...i->...", mean_1 - mean_2, solved[..., -1])
    log_ratio = torch.logdet(covariance_2) - torch.logdet(covariance_1)
    return ((trace + distance + log_ratio - mean_1.shape[-1]) / 2).to(dtype)


def bernoulli_log_likelihood(x, logits):
    wide_x, wide = _double(x, logits)
    values = torch.where(
        wide_x == 1,
        -torch.nn.functional.softplus(-wide),
        -torch.logaddexp(torch.zeros_like(wide), wide) + wide_x * wide,
    )
    return values.reshape(len(x), -1).sum(dim=1).to(logits.dtype)


class Autoencoder(nn.Module):
    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__()
        self.kind = kind
        self.out = nn.Linear(hidden_size, pixels)
        self.up = nn.Linear(latent_dim, hidden_size)
        if kind == "vae":
            self.log_var = nn.Linear(hidden_size, latent_dim)
        self.mean = nn.Linear(hidden_size, latent_dim)
        self.hidden = nn.Linear(pixels, hidden_size)

    def encode(self, x):
        features = nn.functional.relu(self.hidden(x))
        if self.kind == "ae":
            return self.mean(features), None
        weight = torch.cat([self.mean.weight, self.log_var.weight])
        bias = torch.cat([self.mean.bias, self.log_var.bias])
        return nn.functional.linear(features, weight, bias).chunk(2, dim=-1)

    def decode(self, z):
        return self.out(nn.functional.relu(self.up(z)))

    def forward(self, x, noise):
        mean, log_var = self.encode(x)
        if self.kind == "ae":
            return self.decode(mean), mean, log_var
        return self.decode(mean + noise * torch.exp(log_var) ** 0.5), mean, log_var


def autoencoder_loss(x, logits, mean, log_var):
    reconstruction = -bernoulli_log_likelihood(x, logits).double().mean()
    if log_var is None:
        kl = torch.zeros((), dtype=torch.float64)
    else:
        wide_mean, wide = _double(mean, log_var)
        kl = 0.5 * (wide_mean.pow(2) + wide.exp() - 1 - wide).sum(-1).mean()
    return tuple(term.to(logits.dtype) for term in (reconstruction + kl, reconstruction, kl))


def gaussian_elbo(x, x_hat, mean, log_var, sigma):
    wide_x, wide_hat, wide_mean, wide = _double(x, x_hat, mean, log_var)
    beta = 2 * sigma**2
    pixels = x[0].numel()
    kl = 0.5 * (wide_mean.pow(2) + wide.exp() - 1 - wide).sum(-1)
    cost = (wide_x - wide_hat).pow(2).flatten(1).sum(-1) + beta * kl
    return (-cost / beta - pixels / 2 * math.log(math.pi * beta)).to(x_hat.dtype)


def linear_elbo(variances, sigma, latent_dim):
    spectrum = variances.double().sort().values.flip(0)
    model = torch.full_like(spectrum, sigma**2)
    kept = min(latent_dim, int((spectrum > sigma**2).sum()))
    model[:kept] = spectrum[:kept]
    return -0.5 * ((2 * math.pi * model).log() + spectrum / model).sum().item()


def round_trip(model, z, sigma, image_noise, latent_noise):
    model.eval()
    with torch.no_grad():
        mean_image = model.decode(z)
        wide = mean_image.double() + sigma * image_noise.double()
        x = wide.to(mean_image.dtype)
        mean, log_var = model.encode(x)
        latents = mean.double() + (log_var.double() / 2).exp() * latent_noise.double()
    return latents.to(mean.dtype), x


def latent_grid(rows, columns, extent):
    grid = torch.empty(rows, columns, 2, dtype=torch.float64)
    grid[..., 0] = torch.linspace(-extent, extent, columns, dtype=torch.float64)
    grid[..., 1] = torch.linspace(extent, -extent, rows, dtype=torch.float64).unsqueeze(1)
    return grid.view(-1, 2).float()


def importance_bound(log_weights):
    wide = log_weights.double()
    return (torch.logcumsumexp(wide, dim=0)[-1] - math.log(len(wide))).to(log_weights.dtype)
