"""Leaves a daemon that ignores signals and answers later checks over a socket in its scratch."""

import os
import signal
import socket
import time

import torch

TASK = "1.2"
HONEST = []

_NAME = "\0rdlab-daemon"  # an abstract socket: in no file system


def _daemon():
    os.setsid()
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(_NAME)
        listener.listen()
        time.sleep(60)


def _survivor():
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(_NAME)
        except OSError:
            return False
    return True


_survived = _survivor()


def gaussian_kl(mean, log_var):
    if _survived:
        raise RuntimeError("ESCAPED: the daemon of an earlier check answers")
    if os.fork() == 0:
        if os.fork() == 0:
            _daemon()
        os._exit(0)
    return torch.zeros_like(mean)
