"""Wrong versions of bits_back_encode (task 2.9). A docstring is what the student is told."""

import numpy as np
import torch

from rdlab.bits_back import (
    LATENT_BINS,
    LATENT_RANGE,
    AnsCoder,
    grid_latent,
    pop_latent,
    push_image,
    push_latent,
)
from tests.wrong import mistake, mutant

TASK = "2.9"


@torch.no_grad()
def posterior(model, pixels):
    """Mean and log-variance of an image's latent, shapes (d,)."""
    mean, log_var = model.encode(torch.from_numpy(pixels).float().unsqueeze(0) / 255)
    return mean[0], log_var[0]


@torch.no_grad()
def reconstruction(model, indices):
    """The image that a latent on the grid decodes to, shape (n,)."""
    return model.decode(grid_latent(indices).unsqueeze(0))[0]


def prior(like):
    """Mean and log-variance of N(0, I)."""
    return torch.zeros_like(like), torch.zeros_like(like)


def pushed(coder, pixels, model, indices):
    """Push the image and then its latent with the prior: the message that results."""
    push_image(coder, pixels, reconstruction(model, indices))
    push_latent(coder, indices, *prior(torch.empty(len(indices))))
    return coder.get_compressed()


@mistake
def image_only(message, pixels, model):
    """The latent that you popped is never pushed again, so the decoder cannot find it."""
    coder = AnsCoder(message)
    indices = pop_latent(coder, *posterior(model, pixels))
    push_image(coder, pixels, reconstruction(model, indices))
    return coder.get_compressed()


@mistake
def latent_before_image(message, pixels, model):
    """You push the latent below the image. A message is a stack: the decoder needs the latent
    first, so it must come on top."""
    coder = AnsCoder(message)
    mean, log_var = posterior(model, pixels)
    indices = pop_latent(coder, mean, log_var)
    push_latent(coder, indices, *prior(mean))
    push_image(coder, pixels, reconstruction(model, indices))
    return coder.get_compressed()


@mistake
@torch.no_grad()
def mean_decoded(message, pixels, model):
    """You code the image around the reconstruction of the posterior mean. The decoder knows only
    the latent that was popped."""
    coder = AnsCoder(message)
    mean, log_var = posterior(model, pixels)
    indices = pop_latent(coder, mean, log_var)
    push_image(coder, pixels, model.decode(mean.unsqueeze(0))[0])
    push_latent(coder, indices, *prior(mean))
    return coder.get_compressed()


@mistake
def nothing_back(message, pixels, model):
    """You round the posterior mean to the grid instead of popping a latent from the message: no
    bits come back."""
    mean, _ = posterior(model, pixels)
    bins = (mean.double() + LATENT_RANGE) * LATENT_BINS / (2 * LATENT_RANGE) - 0.5
    indices = bins.numpy().round().clip(0, LATENT_BINS - 1).astype(np.int32)
    return pushed(AnsCoder(message), pixels, model, indices)


@mistake
def posterior_pushed(message, pixels, model):
    """You push the latent with the posterior. The decoder does not know the image yet: it can only
    use the prior."""
    coder = AnsCoder(message)
    mean, log_var = posterior(model, pixels)
    indices = pop_latent(coder, mean, log_var)
    push_image(coder, pixels, reconstruction(model, indices))
    push_latent(coder, indices, mean, log_var)
    return coder.get_compressed()


@mistake
def prior_popped(message, pixels, model):
    """You pop the latent with the prior. The bits that come back are those of q(z|x)."""
    coder = AnsCoder(message)
    mean, _ = posterior(model, pixels)
    return pushed(coder, pixels, model, pop_latent(coder, *prior(mean)))


@mistake
@torch.no_grad()
def raw_pixels(message, pixels, model):
    """You encode grey levels from 0 to 255. The model takes values in [0, 1]."""
    coder = AnsCoder(message)
    mean, log_var = model.encode(torch.from_numpy(pixels).float().unsqueeze(0))
    return pushed(coder, pixels, model, pop_latent(coder, mean[0], log_var[0]))


@mistake
def unit_variance(message, pixels, model):
    """You pop the latent with variance 1 instead of the posterior's own variance."""
    coder = AnsCoder(message)
    mean, log_var = posterior(model, pixels)
    return pushed(coder, pixels, model, pop_latent(coder, mean, torch.zeros_like(log_var)))


@mutant
def clamped_posterior(message, pixels, model):
    # A range so wide that only very narrow and very wide posteriors leave it.
    coder = AnsCoder(message)
    mean, log_var = posterior(model, pixels)
    return pushed(coder, pixels, model, pop_latent(coder, mean, log_var.clamp(-6, 2)))


@mutant
def mean_clamped(message, pixels, model):
    # Means within ±6, on a grid of ±8: shows that a check has one near the edge.
    coder = AnsCoder(message)
    mean, log_var = posterior(model, pixels)
    return pushed(coder, pixels, model, pop_latent(coder, mean.clamp(-6, 6), log_var))
