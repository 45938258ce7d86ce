"""You subtract in place and so overwrite the images of your caller: work on a copy."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    kl = gaussian_kl(mean, log_var).sum(1)
    x -= x_hat
    return (x.square().flatten(1).sum(1) + beta * kl).mean()
