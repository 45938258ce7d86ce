"""The given networks of part 4: the Gaussian VAEs. `Autoencoder` is yours, in foundations.py.

Given code. The autograder builds your submitted Gaussian VAEs with this file.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from rdlab.lab.errors import LabError
from rdlab.lab.models import ConvVAE

PIXELS = 28 * 28
BERNOULLI = ("ae", "vae")
"""The types of `Autoencoder`, with Bernoulli pixels."""
GAUSSIAN = ("linear", "deep", "conv")
"""The types with Gaussian pixels of a fixed σ."""
DEEP = (512, 256, 128)
LARGEST_WIDTH, LARGEST_LATENT = 4096, 512


class GaussianVAE(nn.Module):
    """Fully connected, nothing after the last layer: pixels are real numbers, not probabilities.

    Without hidden layers encoder and decoder are one linear layer each.

    Args:
        pixels: number n of pixels of a flat image.
        hidden: widths from the image to the latent; the decoder mirrors them.
        latent_dim: number m of latent dimensions.
    """

    def __init__(self, pixels: int, hidden: Sequence[int], latent_dim: int):
        super().__init__()
        self.encoder = nn.Sequential(*_layers([pixels, *hidden, 2 * latent_dim]))
        self.decoder = nn.Sequential(*_layers([latent_dim, *reversed(hidden), pixels]))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x): flat images (B, n) give twice (B, m)."""
        mean, log_var = self.encoder(x).chunk(2, dim=1)
        return mean, log_var

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x|z), not clamped to [0, 1]: (B, m) gives (B, n)."""
        return self.decoder(z)


def _layers(sizes: Sequence[int]) -> list[nn.Module]:
    """Return linear layers with a ReLU between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return layers[:-1]


def build_gaussian(config: dict) -> nn.Module:
    """Build the Gaussian VAE that a config describes, untrained.

    Args:
        config: "type" ("linear", "deep" or "conv"), "latent_dim", "hidden" (a list of widths, of
            the deep type) or "width" (channels, of the convolutional one), "image_shape".

    Raises:
        LabError: a setting is missing or out of range.
    """
    latent_dim = _width(config.get("latent_dim"), "latent_dim", LARGEST_LATENT)
    shape = [
        _width(length, "image_shape", 256) for length in config.get("image_shape", (1, 28, 28))
    ]
    if config.get("type") == "conv":
        return ConvVAE(latent_dim, _width(config.get("width"), "width", 256), shape)
    if config.get("type") == "linear":
        return GaussianVAE(math.prod(shape), [], latent_dim)
    hidden = config.get("hidden")
    if config.get("type") != "deep" or not isinstance(hidden, list) or not 1 <= len(hidden) <= 8:
        raise LabError(
            f'the config gives the type {config.get("type")!r} with "hidden" {hidden!r}: the type '
            'is "linear", "deep" with a list of 1 to 8 widths, or "conv".'
        )
    widths = [_width(width, "hidden", LARGEST_WIDTH) for width in hidden]
    return GaussianVAE(math.prod(shape), widths, latent_dim)


def _width(value: object, key: str, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise LabError(
            f'the config\'s "{key}" is {value!r}: it must be a whole number from 1 to {largest}.'
        )
    return value


def count_parameters(model: nn.Module) -> int:
    """Count the trainable values."""
    return sum(parameter.numel() for parameter in model.parameters())
