"""A submitted walk and Markov chain, measured again inside the sandbox.

Runs in a worker's child that imports the course's own models and nothing of the submission but
numbers: its weights and its walk.
"""

import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from rdlab.lab.classifier import class_probabilities, classifier_from
from rdlab.lab.errors import LabError
from rdlab.lab.models import build_model
from submitted_weights import load_weights

RUN = ("runs", "beta-2")
WALK = ("runs-geometry", "walk.safetensors")
CLASSES = 10
MOST_PLACES = 5000
CHAINS, BURN_IN, KEPT = 32, 500, 500


def measure(
    submission: str,
    config: dict,
    classifier: dict,
    images: Tensor,
    steps: list[float],
    sigma: float,
    seed: int,
) -> dict:
    """Decode the places of a walk, classify them, and run chains for a set of images.

    Args:
        submission: where the submission is mounted.
        config: config.json of its run.
        classifier: weights of the course's classifier.
        images: the set of the chains, 8 bit, shape (N, 1, H, W).
        steps: of the chains.
        sigma: standard deviation of a pixel.
        seed: of the chains.

    Returns:
        {"waypoints": (10, d) in the order of the walk, "places": (n, d), "classes": (n,),
        "acceptances": (len(steps),), in the second half of each chain}.

    Raises:
        LabError: a file cannot be read, or does not fit.
    """
    model: Any = build_model(config)
    load_weights(model, Path(submission).joinpath(*RUN) / "weights.safetensors")
    waypoints, places = _walk(Path(submission).joinpath(*WALK), config["latent_dim"])
    with torch.no_grad():
        pictures = torch.cat([model.decode(part) for part in places.split(500)])
        classes = class_probabilities(classifier_from(classifier), pictures).argmax(1)
        x = images.float() / 255
        rates = [_acceptance(model, x, config["latent_dim"], step, sigma, seed) for step in steps]
    return {
        "waypoints": waypoints,
        "places": places,
        "classes": classes,
        "acceptances": torch.tensor(rates, dtype=torch.float64),
    }


def _tensors(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise LabError(f"{path.name} is missing")
    try:
        return load_file(path)
    except Exception as error:
        raise LabError(f"{path.name} is not a readable safetensors file") from error


def _walk(path: Path, latent_dim: int) -> tuple[Tensor, Tensor]:
    """Return the waypoints, in the order of the walk, and the places."""
    tensors = _tensors(path)
    waypoints, order, places = (tensors.get(key) for key in ("waypoints", "order", "places"))
    if waypoints is None or tuple(waypoints.shape) != (CLASSES, latent_dim):
        raise LabError(f"{path.name} does not hold {CLASSES} waypoints of {latent_dim} numbers")
    if order is None or sorted(order.flatten().tolist()) != list(range(CLASSES)):
        raise LabError(f"the order in {path.name} does not name each waypoint once")
    fits = places is not None and places.dim() == 2 and places.shape[1] == latent_dim
    if places is None or not fits or not CLASSES <= len(places) <= MOST_PLACES:
        raise LabError(f"{path.name} does not hold {CLASSES} to {MOST_PLACES} places of the walk")
    return waypoints.float()[order.flatten().long()], places.float()


def _acceptance(
    model: Any, images: Tensor, latent_dim: int, step: float, sigma: float, seed: int
) -> float:
    """Return the share of accepted proposals after the burn-in, of chains begun in the prior."""
    generator = torch.Generator().manual_seed(seed)

    def energy(z: Tensor) -> Tensor:
        x_hat = model.decode(z).flatten(1)
        return torch.cdist(x_hat, images.flatten(1)).square().sum(1) / (2 * sigma**2)

    z = torch.randn(CHAINS, latent_dim, generator=generator)
    current, accepted = energy(z), 0
    for number in range(BURN_IN + KEPT):
        noise = torch.randn(z.shape, generator=generator)
        proposal = math.sqrt(1 - step**2) * z + step * noise
        proposed = energy(proposal)
        moved = torch.rand(CHAINS, generator=generator).log() < current - proposed
        z = torch.where(moved.unsqueeze(1), proposal, z)
        current = torch.where(moved, proposed, current)
        accepted += int(moved.sum()) * (number >= BURN_IN)
    return accepted / (CHAINS * KEPT)
