"""Rate and distortion from one forward pass over all images, in double precision sums."""

import torch


def rate_and_distortion(model, batches):
    images = [image for batch in batches for image in batch]
    if not images:
        raise ValueError("the batches hold no image")
    x = torch.stack(images)
    with torch.inference_mode():
        mean, log_var = model.train(False).encode(x)
        z = torch.distributions.Normal(mean, torch.exp(0.5 * log_var)).sample()
        error = (model.decode(z) - x).double().pow(2).sum() / len(x)
        kl = (mean.double() ** 2 + torch.expm1(log_var.double()) - log_var).sum() / (2 * len(x))
    return kl.item(), error.item()
