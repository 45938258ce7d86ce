"""Your loss does not depend on β."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    distortion = (x - x_hat).square().flatten(1).sum(1)
    return (distortion + gaussian_kl(mean, log_var).sum(1)).mean()
