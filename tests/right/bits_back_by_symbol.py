"""Bits-back coding one symbol at a time, by a coder that is handed from step to step."""

import numpy as np
import torch

from rdlab.bits_back import (
    LATENT_BINS,
    LATENT_RANGE,
    PIXEL_STD,
    AnsCoder,
    QuantizedGaussian,
)

GRID, GREY = QuantizedGaussian(0, LATENT_BINS - 1), QuantizedGaussian(0, 255)
WIDTH = 2 * LATENT_RANGE / LATENT_BINS


def _one(value):
    return np.array([value], dtype=np.float64)


def _in_bins(mean, std):
    return _one((mean + LATENT_RANGE) / WIDTH - 0.5), _one(std / WIDTH)


def _pop_bins(coder, mean, std):
    return [int(coder.decode(GRID, *_in_bins(m, s))[0]) for m, s in zip(mean, std, strict=True)]


def _push(coder, symbols, model, parameters):
    for symbol, pair in list(zip(symbols, parameters, strict=True))[::-1]:
        coder.encode_reverse(np.array([symbol], dtype=np.int32), model, *pair)


def bits_back_encode(message, pixels, model):
    coder = AnsCoder(message)
    x = torch.tensor(pixels[np.newaxis] / 255, dtype=torch.float32)
    with torch.no_grad():
        mean, log_var = model.encode(x)
    mean, std = mean.double().flatten().tolist(), log_var.double().div(2).exp().flatten().tolist()
    bins = _pop_bins(coder, mean, std)
    centres = [(i + 0.5) * WIDTH - LATENT_RANGE for i in bins]
    with torch.no_grad():
        x_hat = model.decode(torch.tensor([centres])).flatten().double().tolist()
    _push(coder, pixels, GREY, [(_one(255 * grey), _one(PIXEL_STD)) for grey in x_hat])
    _push(coder, bins, GRID, [_in_bins(0.0, 1.0)] * len(bins))
    return coder.get_compressed()
