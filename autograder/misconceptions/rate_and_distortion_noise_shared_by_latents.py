"""All latents of an image share one random number: each needs its own."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


def rate_and_distortion(model, batches):
    model.eval()
    n = r = d = 0
    with torch.no_grad():
        for x in batches:
            mean, log_var = model.encode(x)
            z = reparameterize(mean, log_var, torch.randn(len(mean), 1).expand_as(mean))
            r += gaussian_kl(mean, log_var).sum().item()
            d += (x - model.decode(z)).square().sum().item()
            n += len(x)
    if n == 0:
        raise ValueError("no image")
    return r / n, d / n
