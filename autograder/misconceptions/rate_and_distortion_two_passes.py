"""You go through the batches twice. They may be an iterable that can be read only once, such as a
generator: collect both numbers in one pass."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    images = sum(len(x) for x in batches)
    rate = distortion = 0.0
    for x in batches:
        mean, log_var = model.encode(x)
        x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
        rate += gaussian_kl(mean, log_var).sum().item()
        distortion += (x - x_hat).square().sum().item()
    if images == 0:
        raise ValueError("no image")
    return rate / images, distortion / images
