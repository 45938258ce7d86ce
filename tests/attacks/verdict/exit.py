"""Ends its process with exit code 0, once at once and once by an exception."""

import os
import sys

TASK = "1.2"
HONEST = []


def gaussian_kl(mean, log_var):
    os._exit(0)


def reparameterize(mean, log_var, noise):
    sys.exit(0)
