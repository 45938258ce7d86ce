"""Part 4 by other identities: eigenvalues, softplus, einsum, functional layers, shifts."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from rdlab.gaussian import gaussian_kl


def multivariate_gaussian_kl(mean_1, covariance_1, mean_2, covariance_2):
    root = torch.linalg.cholesky(covariance_2)
    half = torch.linalg.solve_triangular(root, covariance_1, upper=False)
    whitened = torch.linalg.solve_triangular(root, half.mT, upper=False)
    ratios = torch.linalg.eigvalsh((whitened + whitened.mT) / 2)
    gap = (mean_2 - mean_1).unsqueeze(-1)
    distance = (gap * torch.cholesky_solve(gap, root)).sum(dim=(-2, -1))
    return 0.5 * (distance + (ratios - 1 - ratios.log()).sum(dim=-1))


def bernoulli_log_likelihood(x, logits):
    x, logits = x.flatten(1), logits.flatten(1)
    return torch.einsum("bn,bn->b", x, logits) - F.softplus(logits).sum(dim=1)


class Autoencoder(nn.Module):
    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        super().__init__()
        self.hidden, self.out = nn.Linear(pixels, hidden_size), nn.Linear(hidden_size, pixels)
        self.mean, self.up = nn.Linear(hidden_size, latent_dim), nn.Linear(latent_dim, hidden_size)
        self.encoder = nn.Sequential(self.hidden, nn.ReLU(inplace=True))
        self.decoder = nn.Sequential(self.up, nn.ReLU(inplace=True), self.out)
        if kind == "vae":
            self.log_var = nn.Linear(hidden_size, latent_dim)

    def encode(self, x):
        features = self.encoder(x)
        return self.mean(features), getattr(self, "log_var", lambda _: None)(features)

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x, noise):
        mean, log_var = self.encode(x)
        z = mean if log_var is None else torch.addcmul(mean, (0.5 * log_var).exp(), noise)
        return self.decode(z), mean, log_var


def autoencoder_loss(x, logits, mean, log_var):
    cross_entropy = F.softplus(logits) - x * logits
    reconstruction = cross_entropy.reshape(len(x), -1).sum(dim=1).mean()
    kl = mean.new_zeros(()) if log_var is None else gaussian_kl(mean, log_var).sum() / len(mean)
    return torch.add(reconstruction, kl), reconstruction, kl


def gaussian_elbo(x, x_hat, mean, log_var, sigma):
    residual = (x - x_hat).flatten(1) / sigma
    squares = torch.einsum("bn,bn->b", residual, residual)
    constant = residual.shape[1] * (math.log(sigma) + 0.5 * math.log(2 * math.pi))
    kl = 0.5 * (mean.square() + log_var.expm1() - log_var).sum(dim=1)
    return -0.5 * squares - constant - kl


def linear_elbo(variances, sigma, latent_dim):
    level, variances = sigma**2, variances.double()
    largest = variances.topk(latent_dim).values
    saved = F.relu(largest / level - 1) - F.relu((largest / level).clamp(min=1e-300).log())
    nothing_coded = -0.5 * (variances / level + math.log(2 * math.pi * level)).sum()
    return float(nothing_coded + 0.5 * saved.sum())


def round_trip(model, z, sigma, image_noise, latent_noise):
    model.eval()
    with torch.no_grad():
        images = torch.add(model.decode(z), image_noise, alpha=sigma)
        mean, log_var = model.encode(images)
        return torch.lerp(mean, mean + latent_noise, (log_var / 2).exp()), images


def latent_grid(rows, columns, extent):
    steps = torch.linspace(1.0, -1.0, rows), torch.linspace(-1.0, 1.0, columns)
    return extent * torch.cartesian_prod(*steps).flip(1)


def importance_bound(log_weights):
    top = log_weights.amax(0, keepdim=True).nan_to_num(neginf=0.0)
    return top.squeeze(0) + (log_weights - top).exp().mean(0).log()
