"""Wrong versions of round_trip (task 4.7)."""

import math

import torch

from tests.wrong import mistake, mutant

TASK = "4.7"


def _trip(model, z, sigma, image_noise, latent_noise):
    model.eval()
    with torch.no_grad():
        return _encoded(model, model.decode(z) + sigma * image_noise, latent_noise)


def _encoded(model, x, latent_noise):
    mean, log_var = model.encode(x)
    return mean + (log_var / 2).exp() * latent_noise, x


@mistake
def mean_image(model, z, sigma, image_noise, latent_noise):
    """You encode the decoder's mean: an image is sampled first, with noise of size σ."""
    return _trip(model, z, 0.0, image_noise, latent_noise)


@mistake
def mean_latent(model, z, sigma, image_noise, latent_noise):
    """The new latent is the encoder's mean: it is a sample of its Gaussian."""
    return _trip(model, z, sigma, image_noise, 0 * latent_noise)


@mistake
def sigma_as_variance(model, z, sigma, image_noise, latent_noise):
    """The noise of the image is scaled by the root of σ: σ is a standard deviation already."""
    return _trip(model, z, math.sqrt(sigma), image_noise, latent_noise)


@mistake
def sigma_squared(model, z, sigma, image_noise, latent_noise):
    """The noise of the image is scaled by σ²: its standard deviation is σ."""
    return _trip(model, z, sigma**2, image_noise, latent_noise)


@mistake
def log_var_as_log_sigma(model, z, sigma, image_noise, latent_noise):
    """The latent noise is scaled by the variance: its logarithm has to be halved first."""
    model.eval()
    with torch.no_grad():
        x = model.decode(z) + sigma * image_noise
        mean, log_var = model.encode(x)
        return mean + log_var.exp() * latent_noise, x


@mistake
def clamped(model, z, sigma, image_noise, latent_noise):
    """The sampled image is clamped to [0, 1]: the model's images are real numbers."""
    model.eval()
    with torch.no_grad():
        x = (model.decode(z) + sigma * image_noise).clamp(0, 1)
        return _encoded(model, x, latent_noise)


@mistake
def image_noise_shared(model, z, sigma, image_noise, latent_noise):
    """All images get the noise of the first one: each has its own."""
    return _trip(model, z, sigma, image_noise[:1].expand_as(image_noise), latent_noise)


@mistake
def unit_noise(model, z, sigma, image_noise, latent_noise):
    """The noise of the image is added as it is: σ scales it."""
    return _trip(model, z, 1.0, image_noise, latent_noise)


@mistake
def image_left_out(model, z, sigma, image_noise, latent_noise):
    """The new latent is the old one with noise: it should come from the encoder, at the image."""
    model.eval()
    with torch.no_grad():
        x = model.decode(z) + sigma * image_noise
        return z + (model.encode(x)[1] / 2).exp() * latent_noise, x


@mistake
def from_the_prior(model, z, sigma, image_noise, latent_noise):
    """The new latent is drawn from the prior: it should be drawn from q(z|x)."""
    return latent_noise, _trip(model, z, sigma, image_noise, latent_noise)[1]


@mistake
def unchanged(model, z, sigma, image_noise, latent_noise):
    """You return the latents that came in: the new ones are asked for."""
    return z, _trip(model, z, sigma, image_noise, latent_noise)[1]


@mistake
def training_mode(model, z, sigma, image_noise, latent_noise):
    """The model runs in training mode: dropout and batch normalisation would act."""
    model.train()
    with torch.no_grad():
        return _encoded(model, model.decode(z) + sigma * image_noise, latent_noise)


@mistake
def graph_kept(model, z, sigma, image_noise, latent_noise):
    """A graph for gradients is kept: over a hundred rounds it would fill the memory."""
    model.eval()
    return _encoded(model, model.decode(z) + sigma * image_noise, latent_noise)


@mistake
def mean_returned(model, z, sigma, image_noise, latent_noise):
    """The second value is the decoder's mean: the sampled image is asked for."""
    latents, _ = _trip(model, z, sigma, image_noise, latent_noise)
    return latents, model.decode(z).detach()


@mistake
def order(model, z, sigma, image_noise, latent_noise):
    """The image comes before the latent: their places are swapped."""
    latents, x = _trip(model, z, sigma, image_noise, latent_noise)
    return x, latents


@mutant
def own_image_noise(model, z, sigma, image_noise, latent_noise):
    return _trip(model, z, sigma, torch.randn_like(image_noise), latent_noise)


@mutant
def two_rounds(model, z, sigma, image_noise, latent_noise):
    z, _ = _trip(model, z, sigma, image_noise, latent_noise)
    return _trip(model, z, sigma, image_noise, latent_noise)


@mutant
def variance_clamped(model, z, sigma, image_noise, latent_noise):
    model.eval()
    with torch.no_grad():
        x = model.decode(z) + sigma * image_noise
        mean, log_var = model.encode(x)
        return mean + (log_var.clamp(max=0) / 2).exp() * latent_noise, x


@mutant
def training_resumed(model, z, sigma, image_noise, latent_noise):
    # Comes back in training mode, in whatever mode the model was.
    answer = _trip(model, z, sigma, image_noise, latent_noise)
    model.train()
    return answer
