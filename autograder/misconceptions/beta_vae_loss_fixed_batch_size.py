"""You divide by a batch size that you know, not by that of the batch at hand."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    n = min(len(x), 128)
    return ((x - x_hat).square().sum() + beta * gaussian_kl(mean, log_var).sum()) / n
