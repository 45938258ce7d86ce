"""You count a least amount for every latent: idle latents cost nothing, so the rate comes out too
high.
"""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


def rate_and_distortion(model, batches):
    model.eval()
    n = r = d = 0
    with torch.no_grad():
        for x in batches:
            mean, log_var = model.encode(x)
            z = reparameterize(mean, log_var, torch.randn_like(mean))
            r += gaussian_kl(mean, log_var).clamp(min=0.01).sum().item()
            d += (x - model.decode(z)).square().sum().item()
            n += len(x)
    if n == 0:
        raise ValueError("no image")
    return r / n, d / n
