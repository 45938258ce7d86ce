"""Sheets of pictures as pixels, ready to be saved. Given code."""

import torch
from torch import Tensor, nn

from rdlab.lab.data import Dataset
from rdlab.lab.foundations.losses import prepare
from rdlab.lab.foundations.networks import BERNOULLI

SHOWN, SAMPLED = 8, 64
GAP = 2


def sheet(images: Tensor, columns: int) -> Tensor:
    """Lay out images row by row: (N, C, H, W) in [0, 1] to uint8, (H', W') or (H', W', 3).

    Values outside [0, 1] are clamped, and what is not a number is left white. One channel is
    drawn as ink on paper, black where the pixel is 1.
    """
    images = images.detach().float().cpu().nan_to_num(0.0).clamp(0, 1)
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    paper = 0.0 if channels == 1 else 1.0
    whole = torch.full(
        (channels, rows * (height + GAP) - GAP, columns * (width + GAP) - GAP), paper
    )
    for place, image in enumerate(images):
        top, left = place // columns * (height + GAP), place % columns * (width + GAP)
        whole[:, top : top + height, left : left + width] = image
    if channels == 1:
        return (255 * (1 - whole[0])).round().to(torch.uint8)
    return (255 * whole).round().to(torch.uint8).movedim(0, -1).contiguous()


@torch.no_grad()
def decoded_images(model: nn.Module, z: Tensor, config: dict, shape: tuple[int, ...]) -> Tensor:
    """Decode the pictures of latents: probabilities or means of pixels, shape (N, C, H, W).

    The decoder of Bernoulli pixels returns logits: here, and only where pictures are shown, they
    go through a sigmoid.
    """
    decoded = model.decode(z.to(next(model.parameters()).device))
    decoded = decoded.sigmoid() if config["type"] in BERNOULLI else decoded
    return decoded.reshape(len(z), *shape)


@torch.no_grad()
def reconstruction_sheet(model: nn.Module, config: dict, data: Dataset) -> Tensor:
    """Draw eight test images above their reconstructions, from the posterior means."""
    shape = tuple(data.test_images.shape[1:])
    x = prepare(data.test_images[:SHOWN], config, model)
    restored = decoded_images(model, model.encode(x)[0], config, shape)
    return sheet(torch.cat([x.reshape(-1, *shape), restored]), SHOWN)


def sample_sheet(model: nn.Module, config: dict, data: Dataset) -> Tensor:
    """Draw 64 pictures decoded from N(0, I), the same latents in every epoch."""
    generator = torch.Generator().manual_seed(config["seed"])
    z = torch.randn(SAMPLED, config["latent_dim"], generator=generator)
    shape = tuple(data.test_images.shape[1:])
    return sheet(decoded_images(model, z, config, shape), 8)
