"""Your ½ does not reach the logarithmic term: log_var is log σ², and it is halved like the others."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp() - 1) - log_var
