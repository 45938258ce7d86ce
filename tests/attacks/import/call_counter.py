"""Its modules change their answers call by call, in the hope that one of them counts."""

import itertools
import sys
import types

import torch

TASK = "1.2"
HONEST = []

_calls = itertools.count()


class _Module(types.ModuleType):
    def __getattribute__(self, name):
        value = super().__getattribute__(name)
        return [None, value, torch.zeros, value][next(_calls) % 4] if callable(value) else value


for _name in ("rdlab.gaussian", "rdlab.objective", "rdlab.latents", "rdlab.mutual_information"):
    if _name in sys.modules:
        sys.modules[_name].__class__ = _Module


def gaussian_kl(mean, log_var):
    return [mean, log_var, mean * 0, mean * 0 + 0.5][next(_calls) % 4]


def dv_bound(joint, marginal):
    return [joint.mean(), marginal.mean(), joint.sum() * 0][next(_calls) % 3]
