"""You average the batch means, so the images of a small last batch count too much. Every image
counts the same."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    rates, distortions = [], []
    for x in (batch for batch in batches if len(batch)):
        mean, log_var = model.encode(x)
        x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
        rates.append(gaussian_kl(mean, log_var).sum(1).mean())
        distortions.append((x - x_hat).square().flatten(1).sum(1).mean())
    if not rates:
        raise ValueError("no image")
    return torch.stack(rates).mean().item(), torch.stack(distortions).mean().item()
