"""Bits-back coding without the helpers for posterior and prior."""

import torch

from rdlab import bits_back


def bits_back_encode(message, pixels, model):
    coder = bits_back.AnsCoder(message)
    x = torch.as_tensor(pixels, dtype=torch.float32)[None] / 255.0
    with torch.no_grad():
        mean, log_var = (t.squeeze(0) for t in model.encode(x))
        indices = bits_back.pop_latent(coder, mean, log_var)
        x_hat = model.decode(bits_back.grid_latent(indices)[None])
    bits_back.push_image(coder, pixels, x_hat)
    zeros = torch.zeros(len(indices))
    bits_back.push_latent(coder, indices, zeros, zeros)
    return coder.get_compressed()
