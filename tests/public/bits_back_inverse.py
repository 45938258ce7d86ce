"""The inverse of bits-back coding, written from the documented grid: 2¹¹ bins on [−8, 8] for a
latent, 256 grey levels with a standard deviation of 48 for a pixel."""

import numpy as np
import torch

from rdlab.lab.ans import AnsCoder, QuantizedGaussian
from support import CheckFailed

BINS_PER_UNIT = 2**11 / 16
PIXEL_STD = 48.0

_latents = QuantizedGaussian(0, 2**11 - 1)
_pixels = QuantizedGaussian(0, 255)


def random_message(draw, words: int) -> np.ndarray:
    """Random 32-bit words; the last one is not 0."""
    message = draw.integers(0, 2**32, (words,)).numpy().astype(np.uint32)
    message[-1] |= 1
    return message


def decode(message: np.ndarray, latent_dim: int, model):
    """Take one image off: (pixels, latent, message below). Names what is not a message."""
    words = isinstance(message, np.ndarray) and message.dtype == np.uint32 and message.ndim == 1
    if not (words and len(message) and message[-1]):
        raise CheckFailed("expected uint32 words, the last one not 0", message, "a message")
    coder = AnsCoder(message)
    zeros = torch.zeros(latent_dim)
    bins = coder.decode(_latents, *_on_grid(zeros, zeros))
    z = ((torch.from_numpy(bins) + 0.5) / BINS_PER_UNIT - 8).float()
    pixels = coder.decode(_pixels, *pixel_parameters(model, z))
    coder.encode_reverse(bins, _latents, *_on_grid(*posterior(model, pixels)))
    return pixels, z, coder.get_compressed()


@torch.no_grad()
def posterior(model, pixels: np.ndarray):
    """Mean and log-variance of one image's latent, each (d,)."""
    mean, log_var = model.encode(torch.from_numpy(pixels).float().unsqueeze(0) / 255)
    return mean[0], log_var[0]


@torch.no_grad()
def pixel_parameters(model, z):
    """Centre and width of each pixel's Gaussian, in grey levels."""
    centre = 255 * model.decode(z.unsqueeze(0)).flatten().double().numpy()
    return centre, np.full_like(centre, PIXEL_STD)


def _on_grid(mean, log_var):
    centre = (mean.double() + 8) * BINS_PER_UNIT - 0.5
    return centre.numpy(), ((0.5 * log_var.double()).exp() * BINS_PER_UNIT).numpy()
