"""You decode the posterior mean, so your distortion is too small for the rate. The rate pays for a
sampled z: decode a sample."""

import torch

from rdlab.gaussian import gaussian_kl

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    images, rate, distortion = 0, 0.0, 0.0
    for x in batches:
        mean, log_var = model.encode(x)
        rate += gaussian_kl(mean, log_var).sum().item()
        distortion += (x - model.decode(mean)).square().sum().item()
        images += len(x)
    if images == 0:
        raise ValueError("no image")
    return rate / images, distortion / images
