"""Bits-back coding straight on the entropy coder, symbol models built here."""

import constriction
import numpy as np
import torch

AnsCoder = constriction.stream.stack.AnsCoder
QuantizedGaussian = constriction.stream.model.QuantizedGaussian


@torch.inference_mode()
def bits_back_encode(message, pixels, model):
    stack = AnsCoder(message)
    grid, grey = QuantizedGaussian(0, 2047), QuantizedGaussian(0, 255)
    mean, log_var = model.encode((torch.from_numpy(pixels).float() / 255).reshape(1, -1))
    centre = (mean[0].double().numpy() + 8) * 128 - 0.5
    bins = stack.decode(grid, centre, np.exp(0.5 * log_var[0].double().numpy()) * 128)
    z = torch.from_numpy((bins + 0.5) / 128 - 8).float().reshape(1, -1)
    x_hat = 255 * model.decode(z).flatten().double().numpy()
    stack.encode_reverse(pixels, grey, x_hat, np.full(len(pixels), 48.0))
    prior_centre = np.full(len(bins), 8 * 128 - 0.5)
    stack.encode_reverse(bins, grid, prior_centre, np.full(len(bins), 128.0))
    return stack.get_compressed()
