"""Your KL is in bits. Everything in this course is in nats: leave the natural logarithm as it is."""

import math

TASK = "1.2"


def gaussian_kl(mean, log_var):
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var) / math.log(2)
