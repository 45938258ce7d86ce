"""The networks of the two-layer hierarchy: HVAE and LVAE. Given code.

Both infer from the top down, q(z₂|x) q(z₁|z₂, x). The HVAE has one network for q(z₁|z₂, x); the
LVAE merges what the image says of z₁ with what z₂ says, p(z₁|z₂), by a function it is given.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from rdlab.lab.errors import LabError

IMAGE_SHAPE = (1, 28, 28)
MODELS = ("hvae", "lvae")
NETWORKS = ("dense", "conv", "linear")
TOPS = ("dense", "conv")
FAMILIES = ("gaussian", "categorical")
LIKELIHOODS = ("gaussian", "learned-sigma", "bernoulli", "logistics")
COMPONENTS = 5
"""Logistics in the mixture of a pixel."""
LEAST_LOG_SCALE = -7.0
PRIOR_WIDTH = 128

Gaussian = tuple[Tensor, Tensor]
Merge = Callable[[Tensor, Tensor, Tensor, Tensor], Gaussian]


class AffineGaussian(nn.Linear):
    """A Gaussian with an affine mean and variances that depend on nothing.

    Returns mean and log-variance side by side, (B, 2d), as the last layer of a network does.
    """

    def __init__(self, inputs: int, dim: int):
        super().__init__(inputs, dim)
        self.log_var = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        mean = super().forward(x)
        return torch.cat([mean, self.log_var.expand_as(mean)], 1)


class Hierarchy(nn.Module):
    """p(z₂) p(z₁|z₂) p(x|z₁) with inference from the top down.

    Args:
        config: as `build_hierarchy` wants it, checked.
        merge: the LVAE's; (mean_1, log_var_1, mean_2, log_var_2) → (mean, log_var).
    """

    def __init__(self, config: dict, merge: Merge | None = None):
        super().__init__()
        self.image_shape = tuple(config["image_shape"])
        self.family, self.likelihood = config["top_family"], config["likelihood"]
        self.linear = config["network"] == "linear"
        self.merge = merge if config["model"] == "lvae" else None
        body, width = _body(config)
        self.top_body = body
        self.top_head, top = _top_head(config, width)
        self.read_top, features = _top_reader(config, top)
        self.bottom_body, _ = _body(config)
        seen = width + (0 if config["model"] == "lvae" else features)
        self.bottom_head = _bottom_head(config, seen, width)
        self.prior = _bottom_head(config, features, PRIOR_WIDTH)
        self.decoder = _decoder(config)
        if self.likelihood == "learned-sigma":
            self.log_sigma = nn.Parameter(torch.tensor(0.5 * math.log(0.5)))

    def top_logits(self, x: Tensor) -> Tensor:
        """Return logits of a categorical q(z₂|x), (B, K)."""
        return self.top_head(self.top_body(self._images(x))).float()

    def encode_top(self, x: Tensor) -> Gaussian:
        """Return mean and log-variance of a Gaussian q(z₂|x), each (B, d₂)."""
        mean, log_var = self.top_logits(x).chunk(2, 1)
        return mean, log_var

    def encode_bottom(self, x: Tensor, z_2: Tensor) -> Gaussian:
        """Return mean and log-variance of q(z₁|z₂, x), each (B, d₁)."""
        seen = self.bottom_body(self._images(x))
        if self.merge is None:
            return self.bottom_head(torch.cat([seen, self.read_top(z_2)], 1)).float().chunk(2, 1)
        mean, log_var = self.bottom_head(seen).float().chunk(2, 1)
        return self.merge(mean, log_var, *self.prior_bottom(z_2))

    def prior_bottom(self, z_2: Tensor) -> Gaussian:
        """Return mean and log-variance of p(z₁|z₂), each (B, d₁)."""
        return self.prior(self.read_top(z_2)).float().chunk(2, 1)

    def pixel_parameters(self, z_1: Tensor) -> Tensor:
        """Return what the decoder says of each pixel, (B, C·H·W, k): k is 3·COMPONENTS or 1."""
        out = self.decoder(z_1).float().flatten(1)
        return out.unflatten(1, (pixel_outputs(self.likelihood), -1)).movedim(1, 2)

    def decode(self, z_1: Tensor) -> Tensor:
        """Return the mean of p(x|z₁), (B, C, H, W): in [0, 1], unless the networks are linear."""
        out = self.pixel_parameters(z_1)
        if self.linear:
            return out.squeeze(2).unflatten(1, self.image_shape)
        if self.likelihood != "logistics":
            return out.squeeze(2).sigmoid().unflatten(1, self.image_shape)
        logits, means, _ = mixture_parameters(out)
        mean = (logits.softmax(2) * means).sum(2)
        return ((mean + 1) / 2).clamp(0, 1).unflatten(1, self.image_shape)

    def _images(self, x: Tensor) -> Tensor:
        return x.reshape(-1, *self.image_shape)


def pixel_outputs(likelihood: str) -> int:
    """Return how many numbers the decoder gives for each pixel."""
    return 3 * COMPONENTS if likelihood == "logistics" else 1


def mixture_parameters(out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return logits, means and log-scales of each pixel's mixture, each (B, n, COMPONENTS)."""
    logits, means, log_scales = out.chunk(3, 2)
    return logits, means.tanh(), log_scales.clamp(min=LEAST_LOG_SCALE)


def _mlp(*sizes: int) -> nn.Sequential:
    """Return linear layers with a ReLU between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _body(config: dict) -> tuple[nn.Module, int]:
    """Return the network from the image to features, and their number."""
    channels, height, columns = config["image_shape"]
    if config["network"] == "linear":
        return nn.Flatten(), channels * height * columns
    if config["network"] == "dense":
        sizes = [channels * height * columns, *config["hidden"]]
        return nn.Sequential(nn.Flatten(), _mlp(*sizes), nn.ReLU()), sizes[-1]
    width, features = config["width"], 256
    inner = 2 * width * (height // 4) * (columns // 4)
    layers = [*_strided(channels, width), nn.Flatten(), nn.Linear(inner, features), nn.ReLU()]
    return nn.Sequential(*layers), features


def _strided(channels: int, width: int) -> list[nn.Module]:
    """Return two convolutions down to a quarter of the size."""
    return [
        nn.Conv2d(channels, width, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
        nn.ReLU(),
    ]


def _top_head(config: dict, width: int) -> tuple[nn.Module, int]:
    """Return the network from features to q(z₂|x)'s parameters, and z₂'s number of dimensions.

    A convolutional z₂ keeps its place in the image: top_dim maps of a quarter of the size.
    """
    dim = config["top_dim"]
    if config["network"] == "linear":
        return AffineGaussian(width, dim), dim
    if config["top_family"] == "categorical":
        return nn.Linear(width, dim), dim
    if config["top"] == "dense":
        return nn.Linear(width, 2 * dim), dim
    _, height, columns = config["image_shape"]
    size = (height // 4) * (columns // 4)
    return nn.Linear(width, 2 * dim * size), dim * size


def _top_reader(config: dict, top: int) -> tuple[nn.Module, int]:
    """Return what the layers below see of z₂, and how many features that is."""
    if config["top"] == "dense":
        return nn.Identity(), top
    dim, (_, height, columns) = config["top_dim"], config["image_shape"]
    place = dim, height // 4, columns // 4
    maps = [nn.Unflatten(1, place), nn.Conv2d(dim, 16, 3, padding=1), nn.ReLU(), nn.Flatten()]
    return nn.Sequential(*maps), 16 * place[1] * place[2]


def _bottom_head(config: dict, inputs: int, width: int) -> nn.Module:
    """Return the network from what is seen to mean and log-variance of z₁, side by side."""
    if config["network"] == "linear":
        return AffineGaussian(inputs, config["bottom_dim"])
    return _mlp(inputs, width, 2 * config["bottom_dim"])


def _decoder(config: dict) -> nn.Module:
    """Return the network from z₁ to the outputs of all pixels, output by output."""
    channels, height, columns = config["image_shape"]
    outputs = pixel_outputs(config["likelihood"]) * channels
    if config["network"] == "linear":
        return nn.Linear(config["bottom_dim"], outputs * height * columns)
    if config["network"] == "dense":
        return _mlp(config["bottom_dim"], *reversed(config["hidden"]), outputs * height * columns)
    width = config["width"]
    inner = 2 * width, height // 4, columns // 4
    return nn.Sequential(
        nn.Linear(config["bottom_dim"], math.prod(inner)),
        nn.ReLU(),
        nn.Unflatten(1, inner),
        nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(width, outputs, 4, stride=2, padding=1),
    )


def build_hierarchy(config: dict, merge: Merge | None = None) -> Hierarchy:
    """Return an untrained model from its `config.json`.

    Args:
        config: "model" (hvae, lvae), "network" (dense with "hidden", a list of widths; conv with
            "width"; linear: affine means, free variances), "top" (dense, conv), "top_family"
            (gaussian, categorical), "likelihood", "top_dim", "bottom_dim", and "image_shape", by
            default (1, 28, 28).
        merge: needed by the lvae.

    Raises:
        LabError: a key is missing or its value is out of range.
    """
    config = {"image_shape": IMAGE_SHAPE, **config}
    for key, choices in (
        ("model", MODELS),
        ("network", NETWORKS),
        ("top", TOPS),
        ("top_family", FAMILIES),
        ("likelihood", LIKELIHOODS),
    ):
        if config.get(key) not in choices:
            raise LabError(f"the config's {key!r} must be one of {', '.join(choices)}.")
    for key, largest in (("top_dim", 512), ("bottom_dim", 512)):
        _refuse_size(config.get(key), key, largest)
    _refuse_shape(config["image_shape"])
    match config["network"]:
        case "conv":
            _refuse_size(config.get("width"), "width", 128)
        case "dense":
            _refuse_widths(config.get("hidden"))
        case "linear":
            _refuse_nonlinear(config)
    if config["top"] == "conv" and config["top_family"] == "categorical":
        raise LabError("a categorical z₂ has no place in the image: it must be dense.")
    if config["model"] == "lvae" and merge is None:
        raise LabError("this is an LVAE: the graded grid is one of HVAEs.")
    return Hierarchy(config, merge)


def _refuse_size(value: object, key: str, largest: int) -> None:
    if type(value) is not int or not 1 <= value <= largest:
        raise LabError(f"the config's {key!r} must be a whole number from 1 to {largest}.")


def _refuse_nonlinear(config: dict) -> None:
    for key, value in (("top", "dense"), ("top_family", "gaussian"), ("likelihood", "gaussian")):
        if config[key] != value:
            name = key.replace("_", "-")
            raise LabError(f"with --network linear, --{name} must be {value}: leave it out.")


def _refuse_widths(hidden: object) -> None:
    if not isinstance(hidden, list | tuple) or not 1 <= len(hidden) <= 8:
        raise LabError("the config's 'hidden' must be a list of 1 to 8 widths.")
    for width in hidden:
        _refuse_size(width, "hidden", 4096)


def _refuse_shape(shape: object) -> None:
    if not isinstance(shape, Sequence) or len(shape) != 3:
        raise LabError("the config's 'image_shape' must have three numbers.")
    for size, largest in zip(shape, (3, 256, 256), strict=True):
        _refuse_size(size, "image_shape", largest)
    if shape[1] % 4 or shape[2] % 4:
        raise LabError("height and width of the images must be divisible by four.")
