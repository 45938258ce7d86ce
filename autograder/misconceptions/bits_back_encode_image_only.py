"""The latent that you popped is never pushed again, so the decoder cannot find it."""

from rdlab.bits_back import AnsCoder, _posterior, _reconstruction, pop_latent, push_image

TASK = "2.9"


def bits_back_encode(message, pixels, model):
    coder = AnsCoder(message)
    indices = pop_latent(coder, *_posterior(model, pixels))
    push_image(coder, pixels, _reconstruction(model, indices))
    return coder.get_compressed()
