"""You compare bits with a threshold in nats."""

import math

from rdlab.gaussian import gaussian_kl

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (gaussian_kl(mean, log_var).mean(0) / math.log(2) < threshold).nonzero().flatten()
