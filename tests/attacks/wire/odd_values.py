"""Answers with JSON that is no value: endless numbers, odd names, trees that name no tensor."""

import gc
import json
import struct
import sys

TASK = "1.2"
HONEST = []

_VALUES = [
    '{"tensor": 5}',
    '{"tensor": -1}',
    '{"tensor": true}',
    '{"array": 1e400}',
    "9" * 5000,
    "[" * 100_000 + "]" * 100_000,
    '{"tuple": [1], "fields": ["__class__"]}',
    "NaN",
    "Infinity",
    '{"tuple": [1, 2], "fields": ["count", "index"]}',
    '{"toy": "LinearVAE", "arguments": {}, "training": true}',
    '{"dict": [[1, 2], [3]]}',
    '"\\ud800"',
    '{"tensor": 0, "tensor": 1}',
    '{"dict": {"a": 1}}',
]


def _send(value):
    wire = sys.modules["wire"]
    peer = next(found for found in gc.get_objects() if type(found) is wire.Peer)
    text = '{"kind": "result", "id": %d, "changed": [], "tensors": [], "value": %s}'
    for number in range(4):
        data = (text % (number, value)).encode()
        peer.channel.send(struct.pack("<4sIQ", b"rdl1", len(data), 0) + data)


def gaussian_kl(mean, log_var):
    seed = json.dumps(mean.flatten().tolist()).encode()
    _send(_VALUES[sum(seed) % len(_VALUES)])
    return mean


def reparameterize(mean, log_var, noise):
    for value in _VALUES:
        _send(value)


def interpolate(start, end, steps):
    _send(_VALUES[steps % len(_VALUES)])
