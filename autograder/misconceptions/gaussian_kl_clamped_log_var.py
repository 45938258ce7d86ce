"""You clamp log_var, so the KL of very narrow or very wide posteriors is wrong and has no gradient."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    log_var = log_var.clamp(-8, 8)
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
