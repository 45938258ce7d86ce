"""You evaluate with gradients switched on: every batch builds a graph that nobody needs, which
costs memory and time."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


def rate_and_distortion(model, batches):
    model.eval()
    images, rate, distortion = 0, 0.0, 0.0
    for x in batches:
        mean, log_var = model.encode(x)
        x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
        rate += gaussian_kl(mean, log_var).sum().item()
        distortion += (x - x_hat).square().sum().item()
        images += len(x)
    if images == 0:
        raise ValueError("no image")
    return rate / images, distortion / images
