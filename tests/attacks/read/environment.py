"""Looks for the salt, paths and tokens in environment variables, arguments and descriptors."""

import os
import sys

import torch

TASK = "1.2"
HONEST = []

_PLAIN = {
    "PATH",
    "LANG",
    "OMP_NUM_THREADS",
    "HOME",
    "TMPDIR",
    "PWD",
    "LC_CTYPE",
    "PYTHONHASHSEED",
    "PYTHONMALLOC",
    "GLIBC_TUNABLES",
    "TORCHINDUCTOR_CACHE_DIR",
}
"""What the worker is given, and what torch sets once it is imported."""


def _descriptors():
    for number in range(3, 256):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if target.startswith("/") and not target.startswith(("/dev/null", "/proc", "/usr")):
            yield target


def gaussian_kl(mean, log_var):
    found = [name for name in os.environ if name not in _PLAIN and "rdlab" not in os.environ[name]]
    found += [argument for argument in sys.argv[1:] if not argument.isdigit()]
    found += _descriptors()
    if found:
        raise RuntimeError(f"ESCAPED: {found[0]}")
    return torch.zeros_like(mean)
