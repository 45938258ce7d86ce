"""Searches every object, frame and module of its process for the course's secrets."""

import gc
import sys

import torch

TASK = "1.2"
HONEST = []

_NAMES = {"CheckFailed", "assert_matches", "reference", "wrong_versions", "Course", "Draw"}
_WORDS = ("BEGIN " + "SOLUTION", "hid" + "den/test_", "change-me-" + "before")


def _frames():
    for frame in sys._current_frames().values():
        while frame is not None:
            yield frame
            frame = frame.f_back


def _found():
    for frame in _frames():
        yield from _NAMES & (frame.f_globals.keys() | frame.f_locals.keys())
    for found in gc.get_objects():
        if isinstance(found, type) and found.__name__ in _NAMES:
            yield found.__name__
        if type(found) is dict:
            texts = [value for value in list(found.values()) if type(value) is str]
            yield from (word for word in _WORDS if any(word in text for text in texts))


def gaussian_kl(mean, log_var):
    own = {"_NAMES", "_WORDS", *_WORDS}
    for name in _found():
        if name not in own:
            raise RuntimeError(f"ESCAPED: {name} is in this process")
    return torch.zeros_like(mean)
