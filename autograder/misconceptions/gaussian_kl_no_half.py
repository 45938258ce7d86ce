"""Your KL lacks the factor ½: every value is twice as large as it should be."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return mean**2 + log_var.exp() - 1 - log_var
