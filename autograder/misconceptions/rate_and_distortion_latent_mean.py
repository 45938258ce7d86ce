"""Your rate is averaged over the latent dimensions. The rate of an image is their sum."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    images = [image for x in batches for image in x]
    if not images:
        raise ValueError("no image")
    x = torch.stack(images)
    mean, log_var = model.encode(x)
    x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
    return gaussian_kl(mean, log_var).mean().item(), (x - x_hat).square().sum().item() / len(x)
