"""You sum over the latent dimensions. This function returns one value per dimension; the sum is
taken by its callers."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(-1)
