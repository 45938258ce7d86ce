"""Makes new namespaces by the bare system call, where the library's function is refused."""

import ctypes
import os
import platform

import torch

TASK = "1.2"
HONEST = []

_CLONE = {"x86_64": 56, "aarch64": 220}.get(platform.machine(), -1)
_NAMESPACES = {
    "user": 0x10000000,
    "mount": 0x00020000,
    "process": 0x20000000,
    "network": 0x40000000,
    "IPC": 0x08000000,
    "user and mount": 0x10020000,
}
_SIGCHLD = 17
_libc = ctypes.CDLL(None, use_errno=True)


def gaussian_kl(mean, log_var):
    for name, flag in _NAMESPACES.items():
        child = _libc.syscall(_CLONE, flag | _SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            os.waitpid(child, 0)
            raise RuntimeError(f"ESCAPED: a new {name} namespace")
    return torch.zeros_like(mean)
