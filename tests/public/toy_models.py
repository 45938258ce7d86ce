"""Small models that the checks pass to student functions as arguments.

A toy's `recipe()` is its name and its constructor's arguments (tensors and numbers): with
`build` it can be made again in another process. Images have the shape (B, ...), latents (B, d).
"""

import importlib
from pathlib import Path

import torch
from torch import Tensor, nn

TOY_MODELS: dict[str, type["Toy"]] = {}


def build(name: str, kwargs: dict) -> "Toy":
    """Make a toy from its recipe."""
    return TOY_MODELS[name](**kwargs)


class Toy(nn.Module):
    """A module that remembers how it was made. Each subclass is entered in TOY_MODELS."""

    def __init_subclass__(cls):
        TOY_MODELS[cls.__name__] = cls

    def __init__(self, **kwargs: Tensor | int | float):
        super().__init__()
        self._kwargs = kwargs

    def recipe(self) -> tuple[str, dict]:
        return type(self).__name__, dict(self._kwargs)


class LinearVAE(Toy):
    """Linear encoder and decoder.

    Args:
        to_mean, to_log_var: encoder weights, shape (d, ...) for images of shape (B, ...).
        log_var: what is added to the log-variance, shape (d,).
        to_image: decoder weights, shape (d, ...).
        power: the decoder sees z to this power.
    """

    def __init__(self, to_mean, to_log_var, log_var, to_image, power=1):
        super().__init__(
            to_mean=to_mean, to_log_var=to_log_var, log_var=log_var, to_image=to_image, power=power
        )
        self.to_mean, self.to_log_var = nn.Parameter(to_mean), nn.Parameter(to_log_var)
        self.log_var, self.to_image = nn.Parameter(log_var), nn.Parameter(to_image)
        self.power = power

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        flat = x.flatten(1)
        log_var = flat @ self.to_log_var.flatten(1).T + self.log_var
        return flat @ self.to_mean.flatten(1).T, log_var

    def decode(self, z: Tensor) -> Tensor:
        return torch.tensordot(z**self.power, self.to_image, dims=1)


class _Shift(nn.Module):
    """Adds 1 in training mode, as dropout or batch normalisation would also change the output."""

    def forward(self, x: Tensor) -> Tensor:
        return x + 1 if self.training else x


class ModeVAE(LinearVAE):
    """A LinearVAE with a layer on each side that acts in training mode only."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.encoder_layer, self.decoder_layer = _Shift(), _Shift()

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_var = super().encode(x)
        return self.encoder_layer(mean), log_var

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder_layer(super().decode(z))


class GraphVAE(LinearVAE):
    """A LinearVAE whose outputs are off by 1 wherever a graph for gradients is recorded."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_var = super().encode(x)
        return (mean + 1 if mean.requires_grad else mean), log_var

    def decode(self, z: Tensor) -> Tensor:
        x_hat = super().decode(z)
        return x_hat + 1 if x_hat.requires_grad else x_hat


class StepVAE(Toy):
    """Encodes everything to N(0, I); reconstructs each image as z minus the z before it.

    Latents that repeat, within a batch or from one batch to the next, reconstruct as 0.
    """

    def __init__(self, latent_dim: int):
        super().__init__(latent_dim=latent_dim)
        self.previous = torch.zeros(1, latent_dim)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        zeros = x.new_zeros(len(x), self.previous.shape[1])
        return zeros, zeros.clone()

    def decode(self, z: Tensor) -> Tensor:
        before = torch.cat([self.previous, z[:-1]])
        self.previous = z[-1:].detach().clone()
        return z - before


class OnePass(Toy):
    """Batches that can be gone through once, as those of a generator; their number is unknown."""

    def __init__(self, images: Tensor, batch_size: int):
        super().__init__(images=images, batch_size=batch_size)
        self._batches = iter(images.split(batch_size) if len(images) else ())

    def __iter__(self):
        return self._batches


# Those of each part, beside this file.
for _file in sorted(Path(__file__).parent.glob("toy_models_*.py")):
    importlib.import_module(_file.stem)
