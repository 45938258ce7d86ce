"""The loss of every network of part 4, with your functions. Given code."""

from contextlib import nullcontext

import torch
from torch import Tensor, nn

from rdlab.foundations import autoencoder_loss, gaussian_elbo
from rdlab.gaussian import reparameterize
from rdlab.lab.epochs import low_precision
from rdlab.lab.foundations.networks import BERNOULLI

EVALUATION_BATCH = 1000


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, config: dict, *, precise: bool = True) -> float:
    """Measure the loss in nats per image, one sample of z each, averaged over the images.

    Args:
        precise: in single precision, whatever training used.
    """
    model.eval()
    total = 0.0
    for batch in images.split(EVALUATION_BATCH):
        x = prepare(batch, config, model)
        loss = batch_loss(model, x, {**config, "mc_samples": 1}, precise=precise)
        total += loss.item() * len(batch)
    return total / len(images)


def prepare(images: Tensor, config: dict, model: nn.Module) -> Tensor:
    """Return a batch as its network takes it: float, on its device, rounded for Bernoulli pixels.

    Fully connected networks take flat images.
    """
    x = images.to(next(model.parameters()).device)
    x = x.float() / 255 if x.dtype == torch.uint8 else x
    if config["type"] in BERNOULLI:
        x = x.round()
    return x if config["type"] == "conv" else x.flatten(1)


def batch_loss(model: nn.Module, x: Tensor, config: dict, *, precise: bool = False) -> Tensor:
    """Compute the mean loss of a prepared batch: the negative ELBO, or the reconstruction of an AE.

    The reconstruction is averaged over "mc_samples" draws of z per image.
    """
    with nullcontext() if precise else low_precision(x.device):
        mean, log_var = model.encode(x)
    mean, log_var = mean.float(), None if log_var is None else log_var.float()
    if (count := config["mc_samples"]) > 1:
        x, mean = x.repeat(count, *(1,) * (x.ndim - 1)), mean.repeat(count, 1)
        log_var = None if log_var is None else log_var.repeat(count, 1)
    z = mean
    if log_var is not None:
        z = reparameterize(mean, log_var, torch.randn(mean.shape).to(x.device))
    with nullcontext() if precise else low_precision(x.device):
        decoded = model.decode(z)
    if log_var is None or config["type"] in BERNOULLI:
        return autoencoder_loss(x, decoded.float(), mean, log_var)[0]
    return -gaussian_elbo(x, decoded.float(), mean, log_var, config["sigma"]).mean()
