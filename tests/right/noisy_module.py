"""Prints, warns, logs to a file and changes torch's settings while it is imported and called."""

import logging
import random
import sys
import warnings

import numpy
import torch

logging.basicConfig(level=logging.DEBUG, filename="debug.log")
print("loading", file=sys.stderr)
print("x" * 1000)
warnings.warn("hello", stacklevel=2)
torch.manual_seed(0)
random.seed(1)
numpy.random.seed(2)
torch.use_deterministic_algorithms(True)
torch.set_printoptions(precision=3)
open("cache.txt", "w").write("cache")  # noqa: SIM115


def gaussian_kl(mean, log_var):
    assert mean.shape == log_var.shape
    logging.info("%s", mean.shape)
    print(mean.shape)
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var)


def dv_bound(joint_scores, marginal_scores):
    warnings.warn("deprecated", DeprecationWarning, stacklevel=2)
    return joint_scores.mean() - torch.logsumexp(
        marginal_scores - torch.tensor(len(marginal_scores)).log(), dim=0
    )
