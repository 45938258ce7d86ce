"""You report the last batch alone. Collect the sums over all batches."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize

TASK = "1.4"


@torch.no_grad()
def rate_and_distortion(model, batches):
    model.eval()
    result = None
    for x in (batch for batch in batches if len(batch)):
        mean, log_var = model.encode(x)
        x_hat = model.decode(reparameterize(mean, log_var, torch.randn_like(mean)))
        rate = gaussian_kl(mean, log_var).sum().item() / len(x)
        result = rate, (x - x_hat).square().sum().item() / len(x)
    if result is None:
        raise ValueError("no image")
    return result
