"""You average the squared error over the channels. Every pixel of every channel counts: sum them
all."""

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
    channels = x.shape[1] if x.dim() == 4 else 1
    rate = gaussian_kl(mean, log_var).sum(1).mean()
    return rate.item(), (x - x_hat).square().sum().item() / channels / len(x)
