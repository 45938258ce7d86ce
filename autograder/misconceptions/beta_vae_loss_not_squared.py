"""You take the length of each image's error (a square root). The distortion is its square."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    distortion = (x - x_hat).flatten(1).norm(dim=1)
    return (distortion + beta * gaussian_kl(mean, log_var).sum(1)).mean()
