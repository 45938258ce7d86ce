"""You cut the noise off. A normal draw beyond ±2.5 is rare, not impossible."""

import torch

TASK = "1.4"


def rate_and_distortion(model, batches):
    from rdlab.gaussian import gaussian_kl, reparameterize

    model.eval()
    n, r, d = 0, 0.0, 0.0
    with torch.no_grad():
        for x in batches:
            m, v = model.encode(x)
            y = model.decode(reparameterize(m, v, torch.randn_like(m).clamp(-2.5, 2.5)))
            r += gaussian_kl(m, v).sum().item()
            d += (x - y).square().sum().item()
            n += len(x)
    if n == 0:
        raise ValueError
    return r / n, d / n
