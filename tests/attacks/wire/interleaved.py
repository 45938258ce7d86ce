"""Asks and answers from threads and forked children at once, so that frames run into each other."""

import gc
import os
import sys
import threading

import torch

TASK = "1.3"
HONEST = []


def _peer():
    wire = sys.modules["wire"]
    return next(found for found in gc.get_objects() if type(found) is wire.Peer)


def _ask():
    while True:
        try:
            _peer().call("gaussian_kl", torch.zeros(9), torch.zeros(9, requires_grad=True))
        except Exception:
            continue


def _answer():
    peer, wire = _peer(), sys.modules["wire"]
    for number in range(50):
        header = {"kind": "result", "id": number, "changed": [], "value": {"tensor": 0}}
        peer.channel.send(wire.pack(header, [torch.zeros(())]))


def beta_vae_loss(x, x_hat, mean, log_var, beta):
    for _ in range(4):
        threading.Thread(target=_ask, daemon=True).start()
    if os.fork() == 0:
        _answer()
        _ask()
    return torch.zeros(())


def gaussian_rate(variance, distortion):
    if os.fork() == 0:
        return variance * 0
    return distortion * 0
