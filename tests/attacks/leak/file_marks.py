"""Marks files that later checks can see: times, attributes, modes and locks."""

import fcntl
import os
import sys

import torch

TASK = "1.2"
HONEST = []

_FILES = [__file__, os.path.dirname(os.path.abspath(__file__)), sys.executable, torch.__file__]
_FILES += [os.path.join(os.path.dirname(sys.modules["wire"].__file__), "wire.py"), os.getcwd()]


def _marked(path):
    if int(os.stat(path).st_mtime) == 12345:
        return True
    try:
        return bool(os.listxattr(path))
    except OSError:
        return False


def _attempts(path):
    yield lambda: os.utime(path, (12345, 12345))
    yield lambda: os.setxattr(path, "user.kept", b"answers")
    yield lambda: os.chmod(path, 0o777)
    yield lambda: fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)


if any(_marked(path) for path in _FILES):
    raise RuntimeError("ESCAPED: a mark of an earlier check is still there")


def gaussian_kl(mean, log_var):
    for path in _FILES:
        for attempt in _attempts(path):
            try:
                attempt()
            except OSError:
                continue
    return torch.zeros_like(mean)
