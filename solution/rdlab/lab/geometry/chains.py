"""Three ways to draw pictures from a VAE, and how often a chain moves. Given code."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from rdlab.gaussian import reparameterize
from rdlab.geometry import pcn_accept, pcn_chain, pcn_proposal
from rdlab.lab.classifier import class_probabilities
from rdlab.lab.data import Dataset

STEPS = (0.01, 0.03, 0.1, 0.3, 1.0)
CHAINS = 32
BURN_IN, KEPT = 500, 500
PICTURES, CHAIN_STEPS, CHAIN_STEP = 600, 500, 0.2
COLUMNS = ("step", "images", "classes", "chains", "burn_in", "kept", "acceptance", "energy")


def image_sets(data: Dataset) -> dict[tuple[int, str], Tensor]:
    """Return the sets of test images that a chain is given, by size and kind of classes.

    Those of one class are of the class of the first test image, which is alone in the first set.
    """
    same = data.test_images[data.test_labels == data.test_labels[0]]
    sets = {(count, "one"): same[:count] for count in (1, 10, 100, 1000)}
    return {**sets, (100, "all"): data.test_images[:100]}


def measure_acceptance(
    decode: Callable, images: Tensor, latent_dim: int, step: float, sigma: float, seed: int = 0
) -> dict[str, float]:
    """Run `CHAINS` chains from the prior on one set of images.

    Returns:
        "acceptance": the share of accepted proposals in the last `KEPT` steps, after `BURN_IN`
        steps that are thrown away; "energy": −ℓ per image in those steps, in nats.
    """
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(CHAINS, latent_dim, generator=generator)
    for steps in (BURN_IN, KEPT):
        noises = torch.randn(steps, CHAINS, latent_dim, generator=generator)
        log_uniforms = torch.rand(steps, CHAINS, generator=generator).log()
        samples, acceptance, trace = pcn_chain(decode, images, z, step, noises, log_uniforms, sigma)
        z = samples[-1]
    return {"acceptance": float(acceptance), "energy": trace.mean().item() / len(images)}


def write_acceptance(rows: list[dict], path: Path) -> None:
    """Write pcn.csv: one row per set of images and step, sorted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: (row["classes"], row["images"], row["step"])))


def image_log_likelihood(x_hat: Tensor, images: Tensor, sigma: float) -> Tensor:
    """Return ℓ of each picture for its own image, shape (N,): one image per chain."""
    return -(x_hat - images).flatten(1).square().sum(1) / (2 * sigma**2)


@torch.no_grad()
def chain_per_image(
    decode: Callable, images: Tensor, z: Tensor, sigma: float, generator: torch.Generator
) -> tuple[Tensor, float, list[float]]:
    """Run one chain for each image, all side by side, with the proposals of tasks 5.2 and 5.4.

    Returns:
        The last states (N, d), the acceptance in the second half, and the mean −ℓ after each
        step, in nats.
    """
    current = image_log_likelihood(decode(z), images, sigma)
    moves, energies = [], []
    for _ in range(CHAIN_STEPS):
        proposal = pcn_proposal(z, CHAIN_STEP, torch.randn(z.shape, generator=generator))
        proposed = image_log_likelihood(decode(proposal), images, sigma)
        log_uniform = torch.rand(len(z), generator=generator).log()
        z, current, moved = pcn_accept(z, proposal, current, proposed, log_uniform)
        moves.append(moved.double().mean().item())
        energies.append(-current.mean().item())
    half = moves[len(moves) // 2 :]
    return z, sum(half) / len(half), energies


class Sampled(NamedTuple):
    """Pictures of one sampler and their scores."""

    name: str
    pictures: Tensor
    scores: dict[str, float]


@torch.no_grad()
def three_samplers(
    model: nn.Module, encodings: tuple[Tensor, Tensor], data: Dataset, classifier, sigma: float
) -> tuple[list[Sampled], list[float]]:
    """Draw pictures from the prior, from images by the encoder, and from a chain per image.

    Returns:
        The three samplers (their pictures are the decoder's means), and the mean −ℓ along the
        chains, in nats.
    """
    generator = torch.Generator().manual_seed(0)
    means, log_vars = (values[:PICTURES] for values in encodings)
    prior, noise, start = (torch.randn(means.shape, generator=generator) for _ in range(3))
    images, decode = data.test_images[:PICTURES], cast(Callable, model.decode)
    chain, acceptance, energies = chain_per_image(decode, images, start, sigma, generator)
    latents = {
        "prior": prior,
        "data, then encoder": reparameterize(means, log_vars, noise),
        "pCN, one chain per image": chain,
    }
    sampled = []
    for name, z in latents.items():
        pictures = torch.cat([model.decode(part) for part in z.split(1000)])
        scores = score_pictures(pictures, classifier, data.train_images)
        if name.startswith("pCN"):
            scores["acceptance"] = acceptance
        sampled.append(Sampled(name, pictures, scores))
    real = score_pictures(images, classifier, data.train_images)
    return [*sampled, Sampled("test images", images, real)], energies


def score_pictures(pictures: Tensor, classifier: nn.Module, train_images: Tensor) -> dict:
    """Return scores of pictures (N, 1, 28, 28) by the course's classifier and by their neighbours.

    "inception_score", from 1 to 10; "confidence", the mean probability of the likeliest class;
    "classes", the perplexity of the classes that are seen; "nearest", the squared error to the
    nearest training image, averaged.
    """
    probabilities = class_probabilities(classifier, pictures)
    mean = probabilities.mean(0)
    sharp = torch.special.entr(probabilities).sum(1).mean()
    seen = probabilities.argmax(1).bincount(minlength=len(mean)) / len(pictures)
    distances = torch.cdist(pictures.flatten(1), train_images.flatten(1))
    return {
        "inception_score": math.exp(torch.special.entr(mean).sum() - sharp),
        "confidence": probabilities.max(1).values.mean().item(),
        "classes": math.exp(torch.special.entr(seen).sum()),
        "nearest": distances.min(1).values.square().mean().item(),
    }


def drawn_codes(mean: Tensor, log_var: Tensor, count: int = 2000) -> Tensor:
    """Draw one code for each of the first images, shape (count, d)."""
    generator = torch.Generator().manual_seed(0)
    mean, log_var = mean[:count], log_var[:count]
    return reparameterize(mean, log_var, torch.randn(mean.shape, generator=generator))
