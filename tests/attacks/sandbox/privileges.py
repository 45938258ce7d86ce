"""Becomes root, mounts file systems, and changes its namespaces and its limits."""

import ctypes
import os
import resource

import torch

TASK = "1.2"
HONEST = []

CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
_libc = ctypes.CDLL(None, use_errno=True)


def _raises(action, *args):
    try:
        action(*args)
    except (OSError, ValueError):
        return True
    return False


def _gained():
    yield "root", not _raises(os.setuid, 0)
    yield "root's group", not _raises(os.setgid, 0)
    yield "a mount", _libc.mount(b"none", b"/scratch", b"tmpfs", 0, None) == 0
    yield "a mount namespace", _libc.unshare(CLONE_NEWNS) == 0
    yield "a process namespace", _libc.unshare(CLONE_NEWPID) == 0
    yield "a root folder", not _raises(os.chroot, "/")
    for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        yield "a limit", not _raises(resource.setrlimit, limit, unlimited)


def gaussian_kl(mean, log_var):
    for name, gained in _gained():
        if gained:
            raise RuntimeError(f"ESCAPED: {name}")
    return torch.zeros_like(mean)
