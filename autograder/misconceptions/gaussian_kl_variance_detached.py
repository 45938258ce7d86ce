"""The value is right, but the variance term is cut from the graph: the gradient with respect to
log_var no longer vanishes at σ = 1."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp().detach() - 1 - log_var)
