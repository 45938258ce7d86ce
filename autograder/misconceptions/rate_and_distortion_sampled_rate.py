"""You estimate the rate from one sample per image, ln q(z|x) − ln p(z). It is noisy; the KL is
known in closed form, so the rate is exact."""

import torch

from rdlab.gaussian import reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    images = [image for x in batches for image in x]
    if not images:
        raise ValueError("no image")
    x = torch.stack(images)
    mean, log_var = model.encode(x)
    noise = torch.randn_like(mean)
    z = reparameterize(mean, log_var, noise)
    rate = 0.5 * (z.square() - noise.square() - log_var).sum(1).mean()
    return rate.item(), (x - model.decode(z)).square().sum().item() / len(x)
