"""Writes outside its scratch: the submission, the judge's files, libraries, temporary folders."""

import os
import sysconfig

import torch

TASK = "1.2"
HONEST = []

_FOLDERS = ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/run", "/submission", "/judge", "/usr")


def _written(folder):
    path = os.path.join(folder, "rdlab-was-here")
    try:
        with open(path, "w") as file:
            file.write("here")
    except OSError:
        return False
    os.unlink(path)
    return True


def gaussian_kl(mean, log_var):
    here = os.path.dirname(os.path.abspath(__file__))
    folders = [*_FOLDERS, here, sysconfig.get_path("purelib"), os.path.dirname(os.getcwd())]
    for folder in folders:
        if _written(folder):
            raise RuntimeError(f"ESCAPED: wrote to {folder}")
    return torch.zeros_like(mean)
