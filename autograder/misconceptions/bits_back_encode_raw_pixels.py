"""You encode grey levels from 0 to 255. The model takes values in [0, 1]."""

import torch

from rdlab.bits_back import AnsCoder, _prior, _reconstruction, pop_latent, push_image, push_latent

TASK = "2.9"


@torch.no_grad()
def bits_back_encode(message, pixels, model):
    coder = AnsCoder(message)
    mean, log_var = model.encode(torch.from_numpy(pixels).float().unsqueeze(0))
    indices = pop_latent(coder, mean[0], log_var[0])
    push_image(coder, pixels, _reconstruction(model, indices))
    push_latent(coder, indices, *_prior(mean[0]))
    return coder.get_compressed()
