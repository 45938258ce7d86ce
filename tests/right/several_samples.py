"""The distortion as the mean over several samples of each image."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize


def rate_and_distortion(model, batches):
    model.eval()
    n, R, D = 0, 0.0, 0.0
    with torch.no_grad():
        for x in batches:
            mean, log_var = model.encode(x)
            R += float(gaussian_kl(mean, log_var).sum())
            D += (
                sum(
                    float(
                        (x - model.decode(reparameterize(mean, log_var, torch.randn_like(mean))))
                        .square()
                        .sum()
                    )
                    for _ in range(4)
                )
                / 4
            )
            n += x.shape[0]
    try:
        return R / n, D / n
    except ZeroDivisionError:
        raise ValueError("no image at all") from None
