"""All images of a batch get the same noise vector. Draw noise of the shape of mean, so that each
image gets its own."""

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
    noise = torch.randn(mean.shape[1]).expand_as(mean)
    rate = gaussian_kl(mean, log_var).sum(1).mean()
    x_hat = model.decode(reparameterize(mean, log_var, noise))
    return rate.item(), (x - x_hat).square().sum().item() / len(x)
