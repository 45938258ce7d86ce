"""You round the mean KL before you compare it. Compare the exact value with the threshold."""

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    from rdlab.gaussian import gaussian_kl

    kl = (gaussian_kl(mean, log_var).mean(0) * 1000).round() / 1000
    return (kl < threshold).nonzero().flatten()
