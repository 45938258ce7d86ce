"""Fills its scratch with what is hard to delete: deep, locked, odd and many."""

import contextlib
import os
import socket

import torch

TASK = "1.2"
HONEST = []

if os.listdir("."):
    raise RuntimeError("ESCAPED: something of an earlier check is still there")


def gaussian_kl(mean, log_var):
    top = os.getcwd()
    os.mkfifo("fifo")
    os.symlink("loop", "loop")
    os.symlink("/", "root")
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
    with open(b"\xff\xfe\n\x1b[31m", "w"):
        pass
    os.makedirs("locked/inner/most")
    os.chmod("locked/inner", 0)
    os.chmod("locked", 0)
    with contextlib.suppress(OSError):
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
    os.chdir(top)
    os.chmod(".", 0o100)
    return torch.zeros_like(mean)
