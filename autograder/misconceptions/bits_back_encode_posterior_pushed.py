"""You push the latent with the posterior. The decoder does not know the image yet: it can only use
the prior."""

from rdlab.bits_back import (
    AnsCoder,
    _posterior,
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
    push_image(coder, pixels, _reconstruction(model, indices))
    push_latent(coder, indices, mean, log_var)
    return coder.get_compressed()
