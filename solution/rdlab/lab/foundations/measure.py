"""What is measured of a finished run of part 4, with your functions. Given code."""

import torch
from torch import Tensor, nn

from rdlab.evaluation import redundant_dimensions
from rdlab.foundations import (
    bernoulli_log_likelihood,
    gaussian_elbo,
    importance_bound,
    linear_elbo,
)
from rdlab.gaussian import gaussian_kl, reparameterize
from rdlab.lab.data import Dataset
from rdlab.lab.foundations.losses import evaluate, prepare
from rdlab.lab.foundations.networks import BERNOULLI, count_parameters
from rdlab.rate_distortion import covariance_spectrum, gaussian_rate

THRESHOLD = 0.01
"""Nats of KL below which a latent component is silent."""
BATCH = 1000


def summarise(model: nn.Module, config: dict, data: Dataset) -> dict:
    """Measure what a run's summary.json holds, on its final weights.

    Returns:
        {"parameters": number of trainable values, "train_loss", "test_loss": nats per image,
        "kl": mean KL of each latent component over the test images (None for an autoencoder),
        "active": how many of them are at least 0.01 nats}.
    """
    mean, log_var = encode(model, config, data.test_images)
    kl, active = None, 0
    if log_var is not None:
        kl = gaussian_kl(mean, log_var).mean(0).tolist()
        active = len(kl) - len(redundant_dimensions(mean, log_var, THRESHOLD))
    return {
        "parameters": count_parameters(model),
        "train_loss": evaluate(model, data.train_images, config),
        "test_loss": evaluate(model, data.test_images, config),
        "kl": kl,
        "active": active,
    }


@torch.no_grad()
def encode(model: nn.Module, config: dict, images: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return mean and log-variance of all images, each (N, d), on the processor."""
    model.eval()
    parts = [model.encode(prepare(batch, config, model)) for batch in images.split(BATCH)]
    means, log_vars = zip(*parts, strict=True)
    return torch.cat(means).cpu(), None if log_vars[0] is None else torch.cat(log_vars).cpu()


@torch.no_grad()
def log_weights(
    model: nn.Module, config: dict, x: Tensor, samples: int, generator: torch.Generator
) -> Tensor:
    """Compute ln p(x, z) − ln q(z|x) for samples z of each image's own posterior, shape (K, B).

    Args:
        x: a prepared batch, see `training.prepare`.
        samples: K.
    """
    mean, log_var = model.encode(x)
    rows = []
    for _ in range(samples):
        noise = torch.randn(mean.shape, generator=generator).to(x.device)
        z = reparameterize(mean, log_var, noise)
        prior_over_posterior = 0.5 * (noise.square() + log_var - z.square()).sum(1)
        rows.append(_log_likelihood(x, model.decode(z), config) + prior_over_posterior)
    return torch.stack(rows).cpu()


def _log_likelihood(x: Tensor, decoded: Tensor, config: dict) -> Tensor:
    """Return ln p(x|z) of each image, constant included: an ELBO whose posterior is the prior."""
    if config["type"] in BERNOULLI:
        return bernoulli_log_likelihood(x, decoded)
    prior = torch.zeros(len(x), config["latent_dim"], device=x.device)
    return gaussian_elbo(x, decoded, prior, prior, config["sigma"])


def bounds(
    model: nn.Module, config: dict, images: Tensor, samples: int = 200, count: int = 200
) -> tuple[float, float]:
    """Estimate ELBO and importance-weighted bound of the first images, from the same samples."""
    x = prepare(images[:count], config, model)
    generator = torch.Generator().manual_seed(config["seed"])
    weights = log_weights(model, config, x, samples, generator)
    return weights.mean().item(), importance_bound(weights).mean().item()


def theory(images: Tensor, sigma: float, latent_dim: int) -> tuple[float, Tensor]:
    """Solve the best linear Gaussian VAE: its mean ELBO and the KL of each component.

    Args:
        images: shape (N, ...), values in [0, 1].

    Returns:
        (elbo, kl): in nats; the KL of the latent_dim components, largest first, is ½ ln(λ/σ²)
        where λ > σ² and 0 else: collapse, predicted component by component.
    """
    variances = covariance_spectrum(images.flatten(1).double())
    level = torch.tensor(sigma**2, dtype=torch.float64)
    return linear_elbo(variances, sigma, latent_dim), gaussian_rate(variances[:latent_dim], level)
