"""Your squared error is averaged over pixels, so β means something else and the rate collapses. Sum
it over each image; only images are averaged."""

import torch.nn.functional as F

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    return F.mse_loss(x_hat, x) + beta * gaussian_kl(mean, log_var).sum(1).mean()
