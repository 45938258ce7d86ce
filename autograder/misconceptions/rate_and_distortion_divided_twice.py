"""You average within each batch and then divide by the number of images again: both numbers come
out too small by about the batch size."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    images, rate, distortion = 0, 0.0, 0.0
    for x in (batch for batch in batches if len(batch)):
        mean, log_var = model.encode(x)
        x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
        rate += gaussian_kl(mean, log_var).sum(1).mean().item()
        distortion += (x - x_hat).square().flatten(1).sum(1).mean().item()
        images += len(x)
    if images == 0:
        raise ValueError("no image")
    return rate / images, distortion / images
