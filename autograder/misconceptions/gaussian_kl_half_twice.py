"""You take half of the log-variance where the variance belongs and leave the factor ½ from the
mean: two mistakes that cancel at the prior.
"""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return mean**2 + (0.5 * log_var).exp() - 1 - 0.5 * log_var
