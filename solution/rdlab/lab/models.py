"""The two β-VAEs of the assignment. Given code."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from rdlab.lab.errors import LabError

IMAGE_SHAPE = (1, 28, 28)


class MLPVAE(nn.Module):
    """Fully connected encoder and decoder; the decoder mirrors the encoder.

    Args:
        latent_dim: number d of latent dimensions.
        hidden: widths of the hidden layers, from the image to the latent.
        image_shape: (C, H, W).
    """

    def __init__(
        self,
        latent_dim: int = 32,
        hidden: Sequence[int] = (512, 256),
        image_shape: Sequence[int] = IMAGE_SHAPE,
    ):
        super().__init__()
        pixels = math.prod(image_shape)
        self.encoder = nn.Sequential(nn.Flatten(), *_layers([pixels, *hidden, 2 * latent_dim]))
        self.decoder = nn.Sequential(
            *_layers([latent_dim, *reversed(hidden), pixels]),
            nn.Sigmoid(),
            nn.Unflatten(1, tuple(image_shape)),
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x): (B, C, H, W), or flattened, give twice (B, d)."""
        return self.encoder(x).chunk(2, dim=1)

    def decode(self, z: Tensor) -> Tensor:
        """Return reconstructions in [0, 1]: (B, d) gives (B, C, H, W)."""
        return self.decoder(z)


def _layers(sizes: Sequence[int]) -> list[nn.Module]:
    """Return linear layers with a ReLU between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return layers[:-1]


class ConvVAE(nn.Module):
    """Two strided convolutions down to a quarter of the size and two transposed ones back up.

    Args:
        latent_dim: number d of latent dimensions.
        width: channels of the outer convolution; the inner one has twice as many.
        image_shape: (C, H, W), H and W divisible by four.
    """

    def __init__(
        self, latent_dim: int = 32, width: int = 32, image_shape: Sequence[int] = IMAGE_SHAPE
    ):
        super().__init__()
        self.image_shape = tuple(image_shape)
        channels, height, columns = image_shape
        inner = 2 * width, height // 4, columns // 4
        features = math.prod(inner)
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(features, 2 * latent_dim),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, features),
            nn.ReLU(),
            nn.Unflatten(1, inner),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x): (B, C, H, W), or flattened, give twice (B, d)."""
        return self.encoder(x.reshape(-1, *self.image_shape)).chunk(2, dim=1)

    def decode(self, z: Tensor) -> Tensor:
        """Return reconstructions in [0, 1]: (B, d) gives (B, C, H, W)."""
        return self.decoder(z)


def build_model(config: dict) -> nn.Module:
    """Build an untrained model from its `config.json`.

    Args:
        config: "model" is "mlp", with "hidden", a list of widths; or "conv", with "width".
            Both have "latent_dim", and may have "image_shape", by default (1, 28, 28). Other keys
            are ignored.

    Raises:
        LabError: a key is missing or its value is out of range.
    """
    kind = config.get("model")
    if kind not in ("mlp", "conv"):
        raise LabError(f'the config\'s "model" is {kind!r}: it must be "mlp" or "conv".')
    latent_dim = _size(config.get("latent_dim"), "latent_dim", 512)
    image_shape = _image_shape(config.get("image_shape", IMAGE_SHAPE))
    if kind == "conv":
        return ConvVAE(latent_dim, _size(config.get("width"), "width", 256), image_shape)
    hidden = config.get("hidden")
    if not isinstance(hidden, list | tuple) or not 1 <= len(hidden) <= 8:
        raise LabError(f'the config\'s "hidden" is {hidden!r}: it must be a list of 1 to 8 widths.')
    return MLPVAE(latent_dim, [_size(width, "hidden", 4096) for width in hidden], image_shape)


def _image_shape(value: object) -> list[int]:
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise LabError(f'the config\'s "image_shape" is {value!r}: it must be a list of C, H, W.')
    shape = [_size(length, "image_shape", 128) for length in value]
    if shape[1] % 4 or shape[2] % 4:
        raise LabError(f'the config\'s "image_shape" is {value!r}: 4 must divide H and W.')
    return shape


def _size(value: object, key: str, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise LabError(
            f'the config\'s "{key}" is {value!r}: it must be a whole number from 1 to {largest}.'
        )
    return value


def load_state(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Put stored weights, of any float type, into a model.

    Raises:
        LabError: names, shapes or values do not fit.
    """
    try:
        model.load_state_dict({name: value.float() for name, value in state.items()})
    except RuntimeError as error:
        raise LabError("the weights do not fit the model that the config describes.") from error
    if not all(torch.isfinite(value).all() for value in state.values()):
        raise LabError("the weights hold values that are not finite.")
