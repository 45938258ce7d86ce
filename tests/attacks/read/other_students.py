"""Looks for other submissions, their records and the copies that the autograder works on."""

import os

import torch

TASK = "1.2"
HONEST = []

_PLACES = (
    "/tmp",
    "/var/tmp",
    "/submission",
    "/submission/..",
    "/home",
    "/root",
    "/grades",
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."),
)
_SIGNS = ("record.json", "gradebook.csv", "feedback.html", "report.ipynb", "metrics.csv")


def _others():
    own = os.path.realpath(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for place in _PLACES:
        for folder, folders, files in os.walk(place):
            if os.path.realpath(folder).startswith(own) or folder.count("/") > 6:
                folders.clear()
                continue
            for name in files:
                path = os.path.realpath(os.path.join(folder, name))
                if name in _SIGNS or f"{os.sep}rdlab{os.sep}" in path:
                    yield path


def gaussian_kl(mean, log_var):
    for path in _others():
        try:
            with open(path, "rb") as file:
                file.read(1)
        except OSError:
            continue
        if "given/rdlab" not in path:  # the course's own models, which every student has
            raise RuntimeError(f"ESCAPED: {path}")
    return torch.zeros_like(mean)
