"""Part 4 with torch.distributions and torch's own losses throughout."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Bernoulli, Independent, MultivariateNormal, Normal, kl_divergence


def multivariate_gaussian_kl(mean_1, covariance_1, mean_2, covariance_2):
    first = MultivariateNormal(mean_1, covariance_1)
    return kl_divergence(first, MultivariateNormal(mean_2, covariance_2))


def bernoulli_log_likelihood(x, logits):
    pixels = Bernoulli(logits=logits, validate_args=False)
    return pixels.log_prob(x).flatten(1).sum(dim=-1)


class Autoencoder(nn.ModuleDict):
    def __init__(self, kind, pixels=784, hidden_size=512, latent_dim=2):
        layers = {
            "hidden": nn.Linear(pixels, hidden_size),
            "mean": nn.Linear(hidden_size, latent_dim),
            "up": nn.Linear(latent_dim, hidden_size),
            "out": nn.Linear(hidden_size, pixels),
        }
        if kind == "vae":
            layers["log_var"] = nn.Linear(hidden_size, latent_dim)
        super().__init__(layers)
        self.variational = kind == "vae"

    def posterior(self, x):
        hidden = torch.relu(self["hidden"](x))
        scale = (0.5 * self["log_var"](hidden)).exp()
        return Normal(self["mean"](hidden), scale)

    def encode(self, x):
        if self.variational:
            posterior = self.posterior(x)
            return posterior.mean, 2 * posterior.stddev.log()
        return self["mean"](torch.relu(self["hidden"](x))), None

    def decode(self, z):
        return self["out"](torch.relu(self["up"](z)))

    def forward(self, x, noise):
        mean, log_var = self.encode(x)
        if self.variational:
            posterior = self.posterior(x)
            return self.decode(posterior.loc + posterior.scale * noise), mean, log_var
        return self.decode(mean), mean, None


def _kl(mean, log_var):
    prior = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    return kl_divergence(Normal(mean, log_var.mul(0.5).exp()), prior).sum(dim=-1)


def autoencoder_loss(x, logits, mean, log_var):
    cross_entropy = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / x.shape[0]
    kl = torch.zeros_like(cross_entropy) if log_var is None else _kl(mean, log_var).mean()
    return cross_entropy + kl, cross_entropy, kl


def gaussian_elbo(x, x_hat, mean, log_var, sigma):
    pixels = Independent(Normal(x_hat.flatten(1), sigma), 1)
    return pixels.log_prob(x.flatten(1)) - _kl(mean, log_var)


def linear_elbo(variances, sigma, latent_dim):
    variances = variances.double().sort(descending=True).values
    own = torch.full_like(variances, sigma**2)
    own[:latent_dim] = variances[:latent_dim].clamp(min=sigma**2)
    # E[ln N(x; 0, own)] over data with these variances: at x = √variance the quadratic term fits
    return Normal(0.0, own.sqrt()).log_prob(variances.sqrt()).sum().item()


@torch.no_grad()
def round_trip(model, z, sigma, image_noise, latent_noise):
    model = model.eval()
    images = Normal(model.decode(z), 1.0).mean + sigma * image_noise
    mean, log_var = model.encode(images)
    posterior = Normal(mean, log_var.div(2).exp())
    return posterior.loc + posterior.scale * latent_noise, images


def latent_grid(rows, columns, extent):
    right = torch.linspace(-extent, extent, columns)
    down = torch.linspace(extent, -extent, rows)
    across, upward = torch.meshgrid(right, down, indexing="xy")
    return torch.stack([across, upward], dim=-1).reshape(-1, 2)


def importance_bound(log_weights):
    uniform = torch.full_like(log_weights, 1 / log_weights.shape[0])
    return torch.logsumexp(log_weights + uniform.log(), dim=0)
