"""torch.inference_mode for all that needs no gradient; the model's mode is put back."""

import torch

from rdlab.gaussian import gaussian_kl, reparameterize


@torch.inference_mode()
def rate_and_distortion(model, batches):
    was = model.training
    model.eval()
    rates, distortions = [], []
    for x in batches:
        mean, log_var = model.encode(x)
        z = reparameterize(mean, log_var, torch.randn(mean.shape))
        rates += gaussian_kl(mean, log_var).sum(-1).tolist()
        distortions += (x - model.decode(z)).flatten(1).pow(2).sum(1).tolist()
    model.train(was)
    if not rates:
        raise ValueError("no images")
    return sum(rates) / len(rates), sum(distortions) / len(distortions)


@torch.inference_mode()
def redundant_dimensions(mean, log_var, threshold=0.01):
    return torch.where(gaussian_kl(mean, log_var).mean(dim=0) < threshold)[0].int()
