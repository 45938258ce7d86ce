"""Changes what a process hands on: environment, umask, folder, signals, limits, random state."""

import ctypes
import os
import random
import resource
import signal
import sys

import torch

TASK = "1.2"
HONEST = []

_DUMPABLE, _SUBREAPER, _NAME = 4, 36, 15
_libc = ctypes.CDLL(None)

if (
    "KEPT" in os.environ
    or signal.getsignal(signal.SIGUSR1) is not signal.SIG_DFL
    or os.umask(0o022) == 0o707
    or sys.getswitchinterval() == 0.123
    or torch.get_default_dtype() is not torch.float32
    or hasattr(torch, "kept")
):
    raise RuntimeError("ESCAPED: a setting of an earlier check is still there")


def gaussian_kl(mean, log_var):
    os.environ["KEPT"] = "answers"
    os.umask(0o707)
    os.chdir("/")
    random.seed(7)
    torch.manual_seed(7)
    torch.kept = mean
    torch.set_default_dtype(torch.float64)
    sys.setswitchinterval(0.123)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
    for option, value in ((_DUMPABLE, 1), (_SUBREAPER, 1), (_NAME, b"kept")):
        _libc.prctl(option, value, 0, 0, 0)
    return torch.zeros_like(mean)
