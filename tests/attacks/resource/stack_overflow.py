"""Runs out of stack, in Python and in C, and jumps to address 0."""

import ctypes
import sys

import torch

TASK = "1.2"
HONEST = []


def _deeper(n):
    return _deeper(n + 1) + 1


def gaussian_kl(mean, log_var):
    sys.setrecursionlimit(10**8)
    return torch.zeros_like(mean) + _deeper(0)


def reparameterize(mean, log_var, noise):
    return ctypes.CFUNCTYPE(ctypes.c_int)(0)() * mean


def dv_bound(joint, marginal):
    return ctypes.string_at(0)
