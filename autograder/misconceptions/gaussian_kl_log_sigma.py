"""In the logarithmic term you use log σ where log σ² belongs; your KL is not 0 or not least at the
prior."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp() - 1 - 0.5 * log_var)
