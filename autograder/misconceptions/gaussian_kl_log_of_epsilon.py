"""You add a small constant before taking a logarithm, so narrow posteriors get too small a KL.
log_var is a logarithm already."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    variance = log_var.exp()
    return 0.5 * (mean**2 + variance - 1 - (variance + 1e-8).log())
