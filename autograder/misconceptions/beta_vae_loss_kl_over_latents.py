"""You divide the total KL by the size of the latent instead of the number of images. The two agree
only by chance."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    distortion = (x - x_hat).square().flatten(1).sum(1).mean()
    return distortion + beta * gaussian_kl(mean, log_var).sum() / mean.shape[1]
