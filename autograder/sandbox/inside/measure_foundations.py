"""The losses of submitted runs of part 4, measured again inside the sandbox.

Runs in a worker's child that imports the course's own networks and nothing of the submission but
the weights, so there is no student code in the process that could answer for them. The
autoencoders, whose class students write, are computed here from their weights alone.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from rdlab.lab.errors import LabError
from rdlab.lab.foundations.networks import BERNOULLI, build_gaussian
from rdlab.lab.models import load_state

BATCH = 1000
Encoder = Callable[[Tensor], tuple[Tensor, Tensor | None]]
Decoder = Callable[[Tensor], Tensor]


def measure(submission: str, run: str, config: dict, images: Tensor, seed: int) -> dict:
    """Encode and decode every image with a run's weights.

    Args:
        submission: where the submission is mounted.
        run: the run's folder below runs-foundations/.
        config: its config.json, with "type", "latent_dim", sizes, and "sigma" of a Gaussian type.
        images: 8-bit images, shape (N, 1, H, W).
        seed: of the noise in z.

    Returns:
        {"loss": nats per image, the negative ELBO with its constant or an autoencoder's
        reconstruction, shape (N,); "kl": nats per dimension, (N, d), 0 of an autoencoder;
        "parameters": number of trainable values}.

    Raises:
        LabError: the weights cannot be read or do not fit the configured network.
    """
    path = Path(submission) / "runs-foundations" / run / "weights.safetensors"
    weights = _read(path)
    pixels = images[0].numel()
    bernoulli = config["type"] in BERNOULLI
    encode, decode = (_autoencoder if bernoulli else _gaussian)(weights, config, pixels)
    generator = torch.Generator().manual_seed(seed)
    losses, divergences = [], []
    with torch.no_grad():
        for batch in images.split(BATCH):
            x = batch.flatten(1).float() / 255
            x = x.round() if bernoulli else x
            mean, log_var = encode(x)
            noise = torch.randn(mean.shape, generator=generator)
            z = mean if log_var is None else mean + (log_var / 2).exp() * noise
            kl = _kl(mean, log_var)
            losses.append(_negative_log_likelihood(x, decode(z), config) + kl.sum(1))
            divergences.append(kl)
    count = sum(value.numel() for value in weights.values())
    return {"loss": torch.cat(losses), "kl": torch.cat(divergences), "parameters": count}


def _read(path: Path) -> dict[str, Tensor]:
    try:
        weights = load_file(path)
    except Exception as error:
        raise LabError(f"{path.name} is not a readable safetensors file") from error
    if not all(value.is_floating_point() and value.isfinite().all() for value in weights.values()):
        raise LabError(f"{path.name} holds values that are not finite numbers")
    return {name: value.float() for name, value in weights.items()}


def _fits(found: dict[str, tuple], wanted: dict[str, tuple]) -> None:
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise LabError(
                "weights.safetensors does not fit the network that folder and config name "
                f"({name[:80]}: expected {wanted.get(name)}, found {found.get(name)})"
            )


def _autoencoder(weights: dict, config: dict, pixels: int) -> tuple[Encoder, Decoder]:
    """Return encoder and decoder of the class of task 4.3 with these weights."""
    hidden, latent = config["hidden"], config["latent_dim"]
    layers: dict[str, tuple[int, int]] = {
        "hidden": (pixels, hidden),
        "mean": (hidden, latent),
        "up": (latent, hidden),
        "out": (hidden, pixels),
    }
    if config["type"] == "vae":
        layers["log_var"] = hidden, latent
    wanted: dict[str, tuple[int, ...]] = {}
    wanted |= {f"{name}.weight": (outputs, inputs) for name, (inputs, outputs) in layers.items()}
    wanted |= {f"{name}.bias": (outputs,) for name, (_, outputs) in layers.items()}
    _fits({name: tuple(value.shape) for name, value in weights.items()}, wanted)

    def layer(name: str, x: Tensor) -> Tensor:
        return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def encode(x: Tensor) -> tuple[Tensor, Tensor | None]:
        features = layer("hidden", x).relu()
        return layer("mean", features), layer("log_var", features) if "log_var" in layers else None

    return encode, lambda z: layer("out", layer("up", z).relu())


def _gaussian(weights: dict, config: dict, pixels: int) -> tuple[Encoder, Decoder]:
    model: Any = build_gaussian(config)
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    _fits({name: tuple(value.shape) for name, value in weights.items()}, wanted)
    load_state(model, weights)
    model.eval()
    return model.encode, model.decode


def _kl(mean: Tensor, log_var: Tensor | None) -> Tensor:
    if log_var is None:
        return torch.zeros_like(mean)
    return (mean.square() + log_var.exp() - 1 - log_var) / 2


def _negative_log_likelihood(x: Tensor, decoded: Tensor, config: dict) -> Tensor:
    if config["type"] in BERNOULLI:
        return F.binary_cross_entropy_with_logits(decoded, x, reduction="none").sum(1)
    variance = config["sigma"] ** 2
    constant = x.shape[1] / 2 * math.log(2 * math.pi * variance)
    return (x - decoded).square().sum(1) / (2 * variance) + constant
