"""Lossless bits-back coding: the bits that a VAE really uses.

A message is a stack of 32-bit words (asymmetric numeral systems, ANS): coding a symbol with
probability p pushes −log₂ p bits onto it, decoding with p pops as many. Coding an image

1. *pops* a latent from the message with q(z|x): this gets bits back,
2. *pushes* the image with p(x|z),
3. *pushes* the latent with the prior p(z),

so the latent costs ln q(z|x) − ln p(z) nats, on average the rate R. Decoding undoes the steps
from the last to the first and ends with the very message that encoding began with.

Latents live on a grid of 2¹¹ bins on [−8, 8]; pixels are 8-bit, coded with a Gaussian of fixed
width around the reconstruction, rounded to the 256 grey levels.

Source: Townsend et al. (2019), "Practical Lossless Compression with Latent Variables using
Bits Back Coding".
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from rdlab.lab.ans import AnsCoder, QuantizedGaussian

LATENT_BINS = 2**11
LATENT_RANGE = 8.0
PIXEL_STD = 48.0

_latent_model = QuantizedGaussian(0, LATENT_BINS - 1)
_pixel_model = QuantizedGaussian(0, 255)


def _on_grid(mean: Tensor, log_var: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of a latent in units of grid bins, as the coder needs."""
    bins_per_unit = LATENT_BINS / (2 * LATENT_RANGE)
    centre = (mean.double() + LATENT_RANGE) * bins_per_unit - 0.5
    std = (0.5 * log_var.double()).exp() * bins_per_unit
    return centre.numpy(), std.numpy()


def grid_latent(indices: np.ndarray) -> Tensor:
    """Return the latent at the centres of the given grid bins, shape (d,), float32."""
    bins_per_unit = LATENT_BINS / (2 * LATENT_RANGE)
    return ((torch.from_numpy(indices) + 0.5) / bins_per_unit - LATENT_RANGE).float()


def push_latent(coder: AnsCoder, indices: np.ndarray, mean: Tensor, log_var: Tensor) -> None:
    """Code the grid bins of a latent with N(mean, diag exp(log_var)): the message grows."""
    coder.encode_reverse(indices, _latent_model, *_on_grid(mean, log_var))


def pop_latent(coder: AnsCoder, mean: Tensor, log_var: Tensor) -> np.ndarray:
    """Decode the grid bins of a latent with N(mean, diag exp(log_var)): the message shrinks."""
    return coder.decode(_latent_model, *_on_grid(mean, log_var))


def _pixel_parameters(x_hat: Tensor) -> tuple[np.ndarray, np.ndarray]:
    centre = 255 * x_hat.flatten().double().numpy()
    return centre, np.full_like(centre, PIXEL_STD)


def push_image(coder: AnsCoder, pixels: np.ndarray, x_hat: Tensor) -> None:
    """Code 8-bit pixels, int32 of shape (n,), around their reconstruction, where white is 1."""
    coder.encode_reverse(pixels, _pixel_model, *_pixel_parameters(x_hat))


def pop_image(coder: AnsCoder, x_hat: Tensor) -> np.ndarray:
    """Decode 8-bit pixels, int32 of shape (n,), around their reconstruction, where white is 1."""
    return coder.decode(_pixel_model, *_pixel_parameters(x_hat))


def bits_back_encode(message: np.ndarray, pixels: np.ndarray, model: nn.Module) -> np.ndarray:
    """Code one image on top of a message, getting bits back from the posterior.

    Args:
        message: uint32 words, the last one not 0; at least as many bits as q(z|x) takes.
        pixels: 8-bit grey levels, int32 of shape (n,).
        model: has `encode(x) -> (mean, log_var)`, each (1, d), for x = pixels / 255 in float32
            of shape (1, n), and `decode(z) -> x_hat` for z of shape (1, d). Pixels are coded
            around x_hat as it is, even where it leaves [0, 1].

    Returns:
        The longer message, from which `bits_back_decode` recovers both.

    Source: Townsend et al. (2019), section 2.2.
    """
    coder = AnsCoder(message)
    # TODO (task 2.9, 4 points): Bits-back coding
    raise NotImplementedError("Task 2.9: bits_back_encode")
    return coder.get_compressed()


def bits_back_decode(
    message: np.ndarray, latent_dim: int, model: nn.Module
) -> tuple[np.ndarray, np.ndarray]:
    """Take one image off a message: the inverse of `bits_back_encode`. Given code.

    Returns:
        (pixels, message): the image, int32 of shape (n,), and the message below it.
    """
    coder = AnsCoder(message)
    indices = pop_latent(coder, *_prior(torch.empty(latent_dim)))
    pixels = pop_image(coder, _reconstruction(model, indices))
    push_latent(coder, indices, *_posterior(model, pixels))
    return pixels, coder.get_compressed()


def pixel_bits(message: np.ndarray, latent_dim: int, pixels: np.ndarray, model: nn.Module) -> float:
    """Return the bits of the topmost image's pixels alone, given its latent. Given code."""
    indices = pop_latent(AnsCoder(message), *_prior(torch.empty(latent_dim)))
    alone = AnsCoder(np.ones(2, np.uint32))  # on an empty stack the first black pixels are free
    before = message_bits(alone)
    push_image(alone, pixels, _reconstruction(model, indices))
    return message_bits(alone) - before


def message_bits(coder: AnsCoder) -> float:
    """Return the information in a message, to the fraction of a bit. Given code."""
    words, state = coder.pos()
    return 32 * words + math.log2(state)


def _prior(like: Tensor) -> tuple[Tensor, Tensor]:
    return torch.zeros_like(like), torch.zeros_like(like)


@torch.no_grad()
def _posterior(model: nn.Module, pixels: np.ndarray) -> tuple[Tensor, Tensor]:
    mean, log_var = model.encode(torch.from_numpy(pixels).float().unsqueeze(0) / 255)
    return mean[0], log_var[0]


@torch.no_grad()
def _reconstruction(model: nn.Module, indices: np.ndarray) -> Tensor:
    return model.decode(grid_latent(indices).unsqueeze(0))[0]
