"""Rates, distortion and reconstructions of a submitted hierarchy, measured inside the sandbox.

Runs in a worker's child that imports the course's own networks and nothing of the submission but
the weights, so there is no student code in the process that could answer for them.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from rdlab.lab.classifier import class_probabilities, classifier_from
from rdlab.lab.errors import LabError
from rdlab.lab.hierarchy.networks import Hierarchy, build_hierarchy
from rdlab.lab.models import load_state

BATCH = 1000


def measure(
    submission: str, folder: str, config: dict, images: Tensor, seed: int, classifier: dict
) -> dict:
    """Send every image through a run's model, with one z₂ and one z₁ each.

    Args:
        submission: where the submission is mounted.
        folder: the run's, from the top of the submission.
        config: its config.json.
        images: 8-bit images, shape (N, 1, 28, 28).
        seed: of the noise.
        classifier: weights of the course's classifier.

    Returns:
        "kl_2", "kl_1", "squared_error": per image, summed over dimensions or pixels, (N,);
        "squared_error_of_means": of the reconstructions from posterior means, (N,); "classes":
        what the classifier takes these for, (N,); "mean_2", "log_var_2", "z_2": (N, d₂).

    Raises:
        LabError: the weights cannot be read or do not fit the configured model.
    """
    model = _load(Path(submission) / folder / "weights.safetensors", config)
    judge = classifier_from(classifier)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        parts = [_measure_batch(model, judge, x, generator) for x in images.split(BATCH)]
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def _measure_batch(
    model: Hierarchy, judge: Any, images: Tensor, generator: torch.Generator
) -> dict[str, Tensor]:
    x = images.float() / 255
    mean_2, log_var_2 = model.encode_top(x)
    z_2 = _sample(mean_2, log_var_2, generator)
    bottom = model.encode_bottom(x, z_2)
    z_1 = _sample(*bottom, generator)
    of_means = model.decode(model.encode_bottom(x, mean_2)[0])
    zeros = torch.zeros_like(mean_2)
    return {
        "kl_2": _kl(mean_2, log_var_2, zeros, zeros),
        "kl_1": _kl(*bottom, *model.prior_bottom(z_2)),
        "squared_error": (x - model.decode(z_1)).square().flatten(1).sum(1),
        "squared_error_of_means": (x - of_means).square().flatten(1).sum(1),
        "classes": class_probabilities(judge, of_means).argmax(1),
        "mean_2": mean_2,
        "log_var_2": log_var_2,
        "z_2": z_2,
    }


def _sample(mean: Tensor, log_var: Tensor, generator: torch.Generator) -> Tensor:
    return mean + (log_var / 2).exp() * torch.randn(mean.shape, generator=generator)


def _kl(mean_q: Tensor, log_var_q: Tensor, mean_p: Tensor, log_var_p: Tensor) -> Tensor:
    """Return the KL between diagonal Gaussians, summed over dimensions, (B,)."""
    gap = log_var_q - log_var_p
    squares = (mean_q - mean_p).square() * (-log_var_p).exp()
    return (0.5 * (gap.exp() - 1 - gap + squares)).sum(1)


def _load(path: Path, config: dict) -> Hierarchy:
    model = build_hierarchy(config)
    try:
        weights = load_file(path)
    except Exception as error:
        raise LabError(f"{path.name} is not a readable safetensors file") from error
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    if wanted != found:
        name = min(name for name in wanted | found if wanted.get(name) != found.get(name))
        sizes = f"{name}: expected {wanted.get(name)}, found {found.get(name)}"
        raise LabError(f"{path.name} does not fit the model of config.json ({sizes})")
    load_state(model, weights)
    return model.eval()
