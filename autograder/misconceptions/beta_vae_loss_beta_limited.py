"""You limit β: it is the price of a nat and may have any size."""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    return ((x - x_hat).square().sum() + min(beta, 300) * gaussian_kl(mean, log_var).sum()) / len(x)
