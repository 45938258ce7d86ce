"""Rate and distortion of submitted weights, measured again inside the sandbox.

Runs in a worker's child that imports the course's own models and nothing of the submission but
the weights, so there is no student code in the process that could answer for them.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rdlab.lab.models import build_model
from submitted_weights import load_weights

BATCH = 1000
SAMPLED = 2000
"""Entries that `directions` takes of each weight matrix."""


def measure(submission: str, run: str, config: dict, images: Tensor, seed: int) -> dict:
    """Encode and decode every image with a run's weights.

    Args:
        submission: where the submission is mounted.
        run: the run's folder below runs/.
        config: its config.json.
        images: 8-bit images, shape (N, 1, H, W).
        seed: of the noise in z.

    Returns:
        {"squared_error": summed over pixels, shape (N,), "kl": nats per dimension, (N, d),
        "directions": of the weights, (matrices, SAMPLED)}.

    Raises:
        LabError: the weights cannot be read or do not fit the configured model.
    """
    path = Path(submission) / "runs" / run / "weights.safetensors"
    model: Any = load_weights(build_model(config), path)
    generator = torch.Generator().manual_seed(seed)
    errors, divergences = [], []
    with torch.no_grad():
        for batch in images.split(BATCH):
            x = batch.float() / 255
            mean, log_var = model.encode(x)
            noise = torch.randn(mean.shape, generator=generator)
            x_hat = model.decode(mean + (log_var / 2).exp() * noise)
            errors.append((x - x_hat).square().flatten(1).sum(1))
            divergences.append((mean.square() + log_var.exp() - 1 - log_var) / 2)
    return {
        "squared_error": torch.cat(errors),
        "kl": torch.cat(divergences),
        "directions": directions(model),
    }


def directions(model: nn.Module) -> Tensor:
    """Return a unit vector for each of a model's weight matrices, shape (matrices, SAMPLED).

    The product of two models' vectors is the cosine between their matrices: 1 where one is the
    other but for a factor, near 1 where noise or rounding was added.
    """
    found = []
    for weights in (each for each in model.parameters() if each.ndim > 1):
        flat = weights.detach().flatten().double()
        sample = flat[torch.linspace(0, len(flat) - 1, SAMPLED).long()]
        found.append(sample / sample.norm().clamp(min=1e-30))
    return torch.stack(found)
