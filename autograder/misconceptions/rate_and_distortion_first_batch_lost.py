"""You look at the first batch and then start again. A generator does not start again: its
first batch is lost."""

import torch

TASK = "1.4"


def rate_and_distortion(model, batches):
    from rdlab.gaussian import gaussian_kl, reparameterize

    model.eval()
    first = next(iter(batches), None)
    if first is None:
        raise ValueError
    n, r, d = 0, 0.0, 0.0
    with torch.no_grad():
        for x in batches:
            m, v = model.encode(x)
            y = model.decode(reparameterize(m, v, torch.randn_like(m)))
            r += gaussian_kl(m, v).sum().item()
            d += (x - y).square().sum().item()
            n += len(x)
    if n == 0:
        raise ValueError
    return r / n, d / n
