"""You sum over the pixels of a channel but average over the channels. Every channel counts in full:
sum over all axes but the batch."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    error = (x - x_hat).square()
    distortion = error.flatten(2).sum(2).mean(1) if x.dim() > 2 else error.sum(1)
    return (distortion + beta * gaussian_kl(mean, log_var).sum(1)).mean()
