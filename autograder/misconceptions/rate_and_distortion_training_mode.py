"""You evaluate the model in the mode it comes in, so dropout and batch normalisation still act as
in training. Switch to evaluation mode first."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
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
