"""You count mean.shape[1], the latent size, where the number of images belongs. The two agree only
by chance."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    images, rate, distortion = 0, 0.0, 0.0
    for x in batches:
        mean, log_var = model.encode(x)
        x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
        rate += gaussian_kl(mean, log_var).sum().item()
        distortion += (x - x_hat).square().sum().item()
        images += mean.shape[1] if len(x) else 0
    if images == 0:
        raise ValueError("no image")
    return rate / images, distortion / images
