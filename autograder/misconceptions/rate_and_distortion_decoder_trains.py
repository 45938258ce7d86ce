"""You decode in training mode. Evaluation mode must hold for the encoder and the decoder,
until the last batch is done."""

import torch

TASK = "1.4"


def rate_and_distortion(model, batches):
    from rdlab.gaussian import gaussian_kl, reparameterize

    n, r, d = 0, 0.0, 0.0
    with torch.no_grad():
        for x in batches:
            model.eval()
            m, v = model.encode(x)
            model.train()
            y = model.decode(reparameterize(m, v, torch.randn_like(m)))
            r += gaussian_kl(m, v).sum().item()
            d += (x - y).square().sum().item()
            n += len(x)
    if n == 0:
        raise ValueError
    return r / n, d / n
