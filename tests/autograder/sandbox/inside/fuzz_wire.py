"""Feed the judge's end of the wire any bytes: nothing may come of them but a value or its refusal.

`make fuzz` runs this under atheris, guided by coverage; test_wire.py takes a few thousand steps.

Usage: fuzz_wire.py FRAMES [FOLDER OF INPUTS TO START FROM AND TO KEEP]
"""

import json
import sys
from pathlib import Path

import torch

from autograder.sandbox.inside import wire
from autograder.sandbox.inside.wire import Channel, Peer, RemoteError, WireError
from support import show


class Connection:
    """Stands for a socket whose other end sent some bytes and hung up."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def recv(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        self.at += len(part)
        return part

    def sendall(self, data: bytes) -> None:
        """Nobody listens."""


def framed(header: bytes, payload: bytes) -> bytes:
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(payload)) + header + payload


def one_input(data: bytes) -> None:
    """Read bytes as a stream, as a frame, and as answers to a call and to its gradient.

    The first byte says how; for a frame, the second says how much of the rest is payload.
    """
    kind, rest = data[:1] or b"\0", data[1:]
    size = min(rest[0] if rest else 0, len(rest))
    frame = framed(rest[1 : len(rest) - size], rest[len(rest) - size :])
    way = kind[0] % 4
    try:
        if way < 2:
            _read(rest if way == 0 else frame)
        else:
            _converse(rest if way == 2 else frame + frame)
    except (WireError, RemoteError):
        return


def _read(data: bytes) -> None:
    header, tensors = Channel(Connection(data)).receive()
    show(wire.decode(header.get("value"), tensors))


def _converse(data: bytes) -> None:
    peer = Peer(Channel(Connection(data)), {"served": torch.exp}.__getitem__)
    leaf = torch.ones(2, requires_grad=True)
    returned = peer.call("called", leaf)
    show(returned)
    if isinstance(returned, torch.Tensor) and returned.requires_grad:
        torch.autograd.grad(returned, leaf, torch.ones_like(returned), allow_unused=True)


def seeds() -> list[bytes]:
    """Inputs of every kind that are well made: results, errors, questions, gradients."""
    tensors = [torch.arange(2.0), torch.ones(2, 2, dtype=torch.bfloat16), torch.tensor(True)]
    values = [
        None,
        {"tensor": 0},
        [{"array": 1}, 1.5, "text"],
        {"dict": [["a", {"tensor": 2}]]},
        {"tuple": [1, {"tensor": 0}], "fields": ["rate", "level"]},
        {"toy": "StepVAE", "arguments": {"dict": [["latent_dim", 2]]}, "training": True},
    ]
    headers = [{"kind": "result", "id": 0, "changed": [], "value": value} for value in values]
    headers += [
        {"kind": "error", "id": 0, "types": ["ValueError", "Exception"], "text": "x", "where": "y"},
        {"kind": "vjp", "id": 1, "of": 0, "outputs": [0]},
        {"kind": "result", "id": 1, "reached": [True, None]},
    ]
    parts = [part.requires_grad_(part.is_floating_point()) for part in tensors]
    frames = [wire.pack(header, parts) for header in headers]
    question = {"kind": "call", "id": 0, "name": "served", "value": [[{"tensor": 0}], {"dict": []}]}
    gradient = {"kind": "result", "id": 1, "reached": [True]}
    frames.append(wire.pack(question, parts[:1]) + frames[1])
    frames.append(frames[1] + wire.pack(gradient, parts[:1]))
    made = [bytes([way]) + frame for frame in frames for way in (0, 2)]
    for frame in frames:
        _, _, payload = wire.PREFIX.unpack(frame[: wire.PREFIX.size])
        made += [bytes([way, payload]) + frame[wire.PREFIX.size :] for way in (1, 3)]
    return made


def _dictionary() -> list[str]:
    words = [
        "kind",
        "id",
        "value",
        "tensors",
        "changed",
        "tensor",
        "array",
        "tuple",
        "fields",
        "dict",
        "toy",
        "arguments",
        "reached",
        "of",
        "outputs",
        "types",
        "text",
        "where",
        "result",
        "error",
        "call",
        "vjp",
        "served",
        *wire.DTYPES,
    ]
    return [json.dumps(json.dumps(word))[1:-1] for word in words]


def main(frames: int, folder: str) -> None:
    import atheris  # installed by `make fuzz`, for itself alone

    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    lines = "".join(f'"{word}"\n' for word in _dictionary())
    (corpus.parent / "words").write_text(lines, encoding="utf-8")
    options = [
        f"-runs={frames}",
        "-max_len=4096",
        "-rss_limit_mb=4000",
        "-timeout=20",
        f"-dict={corpus.parent / 'words'}",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.instrument_func(one_input)
    for function in (
        wire._decode,
        wire.decode,
        wire.unpack,
        wire._byte_size,
        wire._tensor,
        wire._named_tuple,
        wire._remote_error,
        Peer._ask,
        Peer._answer,
        Peer.remote_vjp,
        Peer._run,
        Peer._differentiate,
        Channel.receive,
    ):
        atheris.instrument_func(function)
    atheris.Setup([sys.argv[0], *options], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
