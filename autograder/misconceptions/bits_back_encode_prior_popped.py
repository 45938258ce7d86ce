"""You pop the latent with the prior. The bits that come back are those of q(z|x)."""

from rdlab.bits_back import (
    AnsCoder,
    _posterior,
    _prior,
    _reconstruction,
    pop_latent,
    push_image,
    push_latent,
)

TASK = "2.9"


def bits_back_encode(message, pixels, model):
    coder = AnsCoder(message)
    mean, _ = _posterior(model, pixels)
    indices = pop_latent(coder, *_prior(mean))
    push_image(coder, pixels, _reconstruction(model, indices))
    push_latent(coder, indices, *_prior(mean))
    return coder.get_compressed()
