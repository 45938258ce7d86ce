"""Your β multiplies the squared error. It is the price of the rate."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    distortion = (x - x_hat).square().flatten(1).sum(1)
    return (beta * distortion + gaussian_kl(mean, log_var).sum(1)).mean()
