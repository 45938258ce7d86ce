"""Answers with tensors whose header promises other sizes, types and shapes than the bytes have."""

import gc
import json
import struct
import sys

TASK = "1.2"
HONEST = []

_TENSORS = [
    ["float32", [1 << 31, 1 << 31], False],
    ["float32", [0, 1 << 62], True],
    ["float64", [-1, -8], False],
    ["float32", [True, True], False],
    ["float32", [2.0], False],
    ["object", [1], False],
    ["complex64", [1], False],
    ["qint8", [8], False],
    ["bool", [8], 1],
    ["float32", [1] * 500, False],
    ["float32", "22", False],
    ["uint8", [8], "yes"],
    [],
    None,
]


def gaussian_kl(mean, log_var):
    wire = sys.modules["wire"]
    peer = next(found for found in gc.get_objects() if type(found) is wire.Peer)
    chosen = _TENSORS[mean.numel() % len(_TENSORS)]
    for number in range(4):
        header = {"kind": "result", "id": number, "changed": [], "value": {"tensor": 0}}
        data = json.dumps({**header, "tensors": [chosen]}).encode()
        peer.channel.send(struct.pack("<4sIQ", b"rdl1", len(data), 8) + data + bytes(8))
    return mean


def nwj_bound(joint, marginal):
    return gaussian_kl(joint, marginal)


def dv_bound(joint, marginal):
    return gaussian_kl(marginal, joint)
