"""You limit the threshold to 1 nat. Use the one that was given, whatever its size."""

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    from rdlab.gaussian import gaussian_kl

    return (gaussian_kl(mean, log_var).mean(0) < min(threshold, 1.0)).nonzero().flatten()
