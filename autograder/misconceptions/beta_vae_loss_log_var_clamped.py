"""You keep the log-variance within a range before you take the KL, so narrow and wide posteriors
cost too little.
"""

from rdlab.gaussian import gaussian_kl

TASK = "1.3"


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    return (
        (x - x_hat).square().sum() + beta * gaussian_kl(mean, log_var.clamp(-20, 20)).sum()
    ) / len(x)
