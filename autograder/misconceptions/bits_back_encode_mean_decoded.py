"""You code the image around the reconstruction of the posterior mean. The decoder knows only the
latent that was popped."""

import torch

from rdlab.bits_back import AnsCoder, _posterior, _prior, pop_latent, push_image, push_latent

TASK = "2.9"


@torch.no_grad()
def bits_back_encode(message, pixels, model):
    coder = AnsCoder(message)
    mean, log_var = _posterior(model, pixels)
    indices = pop_latent(coder, mean, log_var)
    push_image(coder, pixels, model.decode(mean.unsqueeze(0))[0])
    push_latent(coder, indices, *_prior(mean))
    return coder.get_compressed()
