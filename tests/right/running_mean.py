"""Means that are kept up to date batch by batch; the model's mode is restored."""

import torch
import torch.nn.functional as F


def rate_and_distortion(model, batches):
    from rdlab.gaussian import gaussian_kl, reparameterize

    was = model.training
    model.eval()
    n, r, d = 0, 0.0, 0.0
    try:
        with torch.inference_mode():
            for x in batches:
                if x.shape[0] == 0:
                    continue
                mean, log_var = model.encode(x)
                x_hat = model.decode(
                    reparameterize(mean, log_var, torch.randn(mean.shape, dtype=mean.dtype))
                )
                k = x.shape[0]
                n += k
                r += k / n * (gaussian_kl(mean, log_var).sum(-1).mean().item() - r)
                d += k / n * (F.mse_loss(x_hat, x, reduction="sum").item() / k - d)
    finally:
        model.train(was)
    if not n:
        raise ValueError("no images")
    return r, d
