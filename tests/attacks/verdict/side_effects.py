"""Answers with functions and objects that act when somebody sends or differentiates them."""

import gc
import sys

import torch

TASK = "1.2"
HONEST = []


class _Forged(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mean, log_var):
        return torch.zeros_like(mean)

    @staticmethod
    def backward(ctx, gradient):
        wire = sys.modules["wire"]
        peer = next(found for found in gc.get_objects() if type(found) is wire.Peer)
        reply = {"kind": "result", "reached": [True, True], "changed": []}
        for number in range(200):
            peer.channel.send(wire.pack({**reply, "id": number}, [gradient, gradient]))
        return gradient, gradient


class _Liar:
    __class__ = torch.Tensor
    shape = torch.Size([2, 2])
    dtype = torch.float32

    def __getattr__(self, name):
        return lambda *args, **kwargs: True


class _Growing(list):
    def __iter__(self):
        while True:
            yield self

    def __len__(self):
        return -1


class _Named(tuple):
    _fields = ("shape", "dtype", "requires_grad", "isnan")


def gaussian_kl(mean, log_var):
    return _Forged.apply(mean, log_var)


def reparameterize(mean, log_var, noise):
    return _Liar() if mean.dim() > 1 else _Named((1, 2, True, 0.0))


def interpolate(start, end, steps):
    return _Growing()


def traverse(z, dimension, values):
    class Meta(type):
        def __getattribute__(cls, name):
            raise MemoryError

    class Error(Exception, metaclass=Meta):
        def __str__(self):
            return "x" * 10**10

        def __del__(self):
            while True:
                pass

    raise Error from Error()
