"""You push the latent below the image. A message is a stack: the decoder needs the latent first, so
it must come on top."""

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
    mean, log_var = _posterior(model, pixels)
    indices = pop_latent(coder, mean, log_var)
    push_latent(coder, indices, *_prior(mean))
    push_image(coder, pixels, _reconstruction(model, indices))
    return coder.get_compressed()
