"""The wire: what is sent arrives, calls differentiate as if local, and no frame does harm."""

import json
import math
import operator
import random
import socket
import struct
import threading
import time
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside import wire
from autograder.sandbox.inside.wire import (
    Channel,
    Peer,
    RemoteError,
    WireClosed,
    WireError,
    WireTimeout,
)
from tests.autograder.sandbox.inside import fuzz_wire
from toy_models import StepVAE

many = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def send_and_receive(frame: bytes) -> tuple[dict, list[torch.Tensor]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=lambda: (ours.sendall(frame), ours.close()))
        sender.start()
        try:
            return Channel(theirs, time.monotonic() + 5).receive()
        finally:
            theirs.close()
            sender.join()


def there(value):
    """A value as the other end gets it."""
    tensors = []
    tree = wire.encode(value, tensors)
    header, received = send_and_receive(wire.pack({"value": tree}, tensors))
    return wire.decode(header["value"], received)


def alike(left, right) -> bool:
    if isinstance(left, torch.Tensor):
        same = left.dtype == right.dtype and left.shape == right.shape
        return same and wire._tensor_bytes(left) == wire._tensor_bytes(right)
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and alike(torch.tensor(left), torch.tensor(right))
    if isinstance(left, list | tuple):
        same = type(left) is type(right) and len(left) == len(right)
        return same and all(map(alike, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(alike(left[key], right[key]) for key in left)
    same = left == right or (left != left and right != right)
    return type(left) is type(right) and same


# Values


shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
tensors = st.builds(
    lambda dtype, shape, seed: random_tensor(dtype, shape, seed),
    st.sampled_from(sorted(wire.DTYPES)),
    shapes,
    st.integers(0, 1000),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
plain = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    plain | tensors,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)


def random_tensor(dtype: str, shape: tuple, seed: int) -> torch.Tensor:
    """Any bits at all: NaN, inf and subnormal numbers among them."""
    count = math.prod(shape) * wire.DTYPES[dtype].itemsize
    bits = torch.tensor(list(random.Random(seed).randbytes(count)), dtype=torch.uint8)
    if dtype == "bool":
        return bits.gt(127).view(shape)
    return bits.view(wire.DTYPES[dtype]).view(shape)


@given(values)
@settings(many, max_examples=200)
def test_values_arrive_as_they_are(value):
    assert alike(value, there(value))


def test_views_and_broadcasts_arrive():
    base = torch.arange(24.0).view(4, 6)
    for view in (base.T, base[::2, 1::2], base[0].expand(3, 6), torch.tensor(math.nan)):
        assert alike(view, there(view))
    for view in (base.numpy().T, base.numpy()[::2], np.float32(3) * np.ones((0, 2), np.float32)):
        assert alike(view, there(view))


def test_numbers_of_numpy_become_numbers():
    assert [type(v) for v in there([np.float32(1), np.int64(2), np.bool_(True)])] == [
        float,
        int,
        bool,
    ]


def test_models_arrive_as_models(connect):
    peer = connect({"recipe": lambda model: list(model.recipe())}, models=True)
    assert peer.call("recipe", StepVAE(3)) == ["StepVAE", {"latent_dim": 3}]


@pytest.mark.parametrize(
    "value",
    [
        object(),
        lambda: 0,
        torch.eye(3).to_sparse(),
        np.array(["a"]),
        np.array([{}]),
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2, device="meta"),
        {1, 2},
        b"bytes",
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_kinds_do_not_cross(value):
    with pytest.raises(WireError):
        wire.encode(value, [])


def test_what_contains_itself_does_not_cross():
    endless: list = []
    endless.append(endless)
    with pytest.raises(WireError, match="nested"):
        wire.encode(endless, [])


def test_too_large_a_value_does_not_cross():
    with pytest.raises(WireError, match="large"):
        wire.pack({}, [torch.zeros(1, dtype=torch.uint8).expand(wire.MAX_PAYLOAD // 2)] * 3)
    with pytest.raises(WireError, match="large"):
        wire.pack({"value": "x" * wire.MAX_HEADER}, [])


# Malformed frames


def framed(header, payload: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return wire.PREFIX.pack(wire.MAGIC, len(text), len(payload)) + text + payload


def read(frame: bytes) -> None:
    """All that a receiver does with a frame."""
    header, received = send_and_receive(frame)
    wire.decode(header.get("value"), received)


def good_frames() -> list[bytes]:
    given_values = [
        [torch.arange(3.0), {"a": (1, None)}],
        {"dict": torch.zeros(2, 0), "b": True},
        (np.arange(4), torch.tensor(1.5, dtype=torch.bfloat16), "text"),
        [[1.5, -2], StepVAE(2)],
    ]
    frames = []
    for value in given_values:
        parts: list = []
        frames.append(wire.pack({"value": wire.encode(value, parts)}, parts))
    return frames


FRAMES = good_frames()
edits = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=5)


def mutate(frame: bytes, changes: list[tuple[int, int]], kind: int) -> bytes:
    data = bytearray(frame)
    for position, value in changes:
        place = position % len(data)
        if kind == 0:
            data[place] = value
        elif kind == 1:
            data[place] ^= 1 << (value % 8)
        elif kind == 2:
            del data[place:]
            data += bytes([value])
        else:
            data[place:place] = bytes([value])
    return bytes(data)


def reframe(frame: bytes, changes: list[tuple[int, int]], kind: int) -> bytes:
    """A frame with a changed header under a prefix that is right."""
    _, text, _ = wire.PREFIX.unpack(frame[: wire.PREFIX.size])
    header = frame[wire.PREFIX.size : wire.PREFIX.size + text]
    return framed(mutate(header, changes, kind), frame[wire.PREFIX.size + text :])


class Bytes:
    """Stands for a socket whose other end sent some bytes and hung up."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def settimeout(self, seconds: float) -> None:
        self.seconds = seconds

    def recv(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        self.at += len(part)
        return part


def refuses_or_reads(frame: bytes) -> None:
    try:
        header, received = Channel(Bytes(frame), time.monotonic() + 5).receive()
        wire.decode(header.get("value"), received)
    except WireError:
        return


@given(edits)
@settings(many, max_examples=150)
def test_damaged_frames_only_ever_raise_wire_errors(changes):
    for frame in FRAMES:  # 150 x 4 x 4 frames
        for kind in range(4):
            refuses_or_reads(
                mutate(frame, changes, kind) if kind == 2 else reframe(frame, changes, kind)
            )


@given(
    st.binary(max_size=200),
    st.recursive(
        plain,
        lambda x: (
            st.lists(x, max_size=4)
            | st.dictionaries(
                st.sampled_from(["tensor", "array", "tuple", "dict", "toy", "arguments"]), x
            )
        ),
        max_leaves=9,
    ),
)
@settings(many, max_examples=300)
def test_invented_frames_only_ever_raise_wire_errors(data, tree):
    described = [["bfloat16", [1], False], ["float32", [0], True]]
    refuses_or_reads(data)
    refuses_or_reads(wire.MAGIC + data)
    refuses_or_reads(framed(data))
    refuses_or_reads(framed({"value": tree, "tensors": described}, b"ab"))
    refuses_or_reads(framed({"value": None, "tensors": tree}))


@given(st.sampled_from(fuzz_wire.seeds()), edits, st.integers(0, 3), st.binary(max_size=40))
@settings(many, max_examples=1500)
def test_no_answer_does_more_than_give_a_value(seed, changes, kind, data):
    """`make fuzz` does the same a million times and more, guided by coverage."""
    fuzz_wire.one_input(seed)
    fuzz_wire.one_input(mutate(seed, changes, kind))
    fuzz_wire.one_input(seed[:1] + data)


@pytest.mark.parametrize(
    ("described", "payload"),
    [
        ([["float32", [1 << 20, 1 << 20], False]], b""),
        ([["float32", [0, 1 << 60], False]], b""),
        ([["uint8", [4], False]], b"abc"),
        ([["uint8", [4], False]], b"abcde"),
        ([["float32", [-1], False]], b""),
        ([["float32", [-1, -4], False]], b"x" * 16),
        ([["float32", [True], False]], b"abcd"),
        ([["float32", [1.0], False]], b"abcd"),
        ([["float32", [1] * 17, False]], b"abcd"),
        ([["float32", 1, False]], b"abcd"),
        ([["complex64", [1], False]], b"abcdefgh"),
        ([["object", [1], False]], b"abcdefgh"),
        ([[["float32"], [1], False]], b"abcd"),
        ([["float32", [1]]], b"abcd"),
        ("float32", b""),
        (None, b""),
        ({}, b"x"),
        ([None], b""),
        (7, b""),
    ],
)
def test_malformed_tensors_are_refused(described, payload):
    with pytest.raises(WireError):
        read(framed({"tensors": described}, payload))


@pytest.mark.parametrize(
    "tree",
    [
        {"tensor": 1},
        {"tensor": -1},
        {"tensor": "0"},
        {"array": 2},
        {"toy": "Toy"},
        {},
        {"toy": "os.system", "arguments": {}, "training": True},
        {"dict": [1]},
        {"dict": [[1, 2, 3]]},
        {"dict": {"a": 1}},
        {"tuple": 3},
        {"array": 0},
        {"toy": "StepVAE", "arguments": {"dict": [["nothing", 1]]}, "training": True},
        {"toy": "StepVAE", "arguments": 3, "training": True},
        {"toy": "StepVAE", "arguments": {"dict": [["latent_dim", 1]]}, "training": 2},
    ],
    ids=str,
)
def test_malformed_values_are_refused(tree):
    with pytest.raises(WireError):
        read(framed({"value": tree, "tensors": [["bfloat16", [1], False]]}, b"ab"))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"3",
        b'"tensors"',
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"tensors": [], "n": ' + b"9" * 5000 + b"}",
        b'{"tensors": []} x',
    ],
    ids=lambda header: header[:12].decode("latin-1"),
)
def test_malformed_headers_are_refused(header):
    with pytest.raises(WireError):
        read(framed(header))


def test_deep_values_are_refused():
    with pytest.raises(WireError):
        read(framed(b'{"tensors": [], "value": ' + b"[" * 200 + b"]" * 200 + b"}"))


def test_text_that_no_file_takes_is_cleaned():
    text = '{"tensors": [], "value": ["\\ud800", {"dict": [["\\udfff", 1]]}]}'
    header, _ = send_and_receive(framed(text.encode()))
    assert str(wire.decode(header["value"], [])).encode("utf-8")


def test_an_announced_size_takes_no_memory():
    tracemalloc.start()
    for header, payload in ((wire.MAX_HEADER, wire.MAX_PAYLOAD), (1 << 31, 10), (10, 1 << 63)):
        with pytest.raises(WireError):
            read(struct.pack("<4sIQ", wire.MAGIC, header, payload))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


def test_many_tensors_are_read():
    tensors = [torch.zeros(0)] * 20_000
    assert len(send_and_receive(wire.pack({}, tensors))[1]) == 20_000


# Calls


@pytest.fixture
def connect():
    """Starts another end that serves some functions; gives a Peer that calls them."""
    started = []

    def start(served: dict, ours: dict | None = None, seconds: float = 10, **options) -> Peer:
        here, other = socket.socketpair()
        options = {"watched": True, **options}
        there = Peer(Channel(other), served.__getitem__, caught=BaseException, **options)
        thread = threading.Thread(target=serve, args=(there,), daemon=True)
        thread.start()
        peer = Peer(Channel(here, time.monotonic() + seconds), (ours or {}).__getitem__)
        peer.other = there
        started.append((peer, thread))
        return peer

    yield start
    for peer, thread in started:
        peer.channel.close()
        thread.join(5)


def serve(peer: Peer) -> None:
    try:
        peer.serve()
    except WireError:
        return
    finally:
        peer.channel.close()


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_a_call_gives_value_and_gradient(connect):
    peer = connect({"product": lambda a, b, *, power: (a * b) ** power})
    a, b = leaf(1, 2, 3), leaf(4, 5, 6)
    value = peer.call("product", a, b, power=2)
    assert torch.equal(value, (a * b).detach() ** 2)
    gradients = torch.autograd.grad(value, [a, b], torch.tensor([1.0, 2, 3]).double())
    wanted = torch.autograd.grad((a * b) ** 2, [a, b], torch.tensor([1.0, 2, 3]).double())
    assert all(map(torch.equal, gradients, wanted))


def test_gradcheck_passes_for_a_remote_function(connect):
    peer = connect({"f": lambda a, b: (a.sin() @ b.T).exp()})
    inputs = [torch.randn(2, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(lambda a, b: peer.call("f", a, b), inputs)


def test_several_outputs_some_detached(connect):
    peer = connect({"f": lambda a: {"x": (a * 2, a.detach() * 3), "n": 4, "i": a.long(), "y": a}})
    a = leaf(1, 2)
    result = peer.call("f", a)
    (twice, thrice), same = result["x"], result["y"]
    flags = [tensor.requires_grad for tensor in (twice, thrice, result["i"], same)]
    assert flags == [True, False, False, True]
    assert result["n"] == 4
    (gradient,) = torch.autograd.grad((twice * same).sum(), [a])
    assert torch.equal(gradient, 4 * a.detach())


def test_an_unused_argument_gets_no_gradient(connect):
    peer = connect({"first": lambda a, b: a * 2})
    a, b = leaf(1), leaf(2)
    assert torch.autograd.grad(peer.call("first", a, b), [a, b], allow_unused=True)[1] is None


def test_without_gradients_nothing_is_kept(connect):
    peer = connect({"f": lambda a: a * 2})
    with torch.no_grad():
        assert not peer.call("f", leaf(1)).requires_grad
    assert not peer.call("f", torch.ones(2)).requires_grad
    assert not peer.other._graphs or len(peer.other._graphs) == 1


def test_a_column_of_one_row_can_be_sent(connect):
    peer = connect({"column": lambda a: a[:, 1]})
    row = torch.arange(4.0).reshape(1, 4)
    assert peer.call("column", row).tolist() == [1.0]
    assert peer.call("column", row[:, 2:]).tolist() == [3.0]
    assert peer.call("column", row[:, ::2]).tolist() == [2.0]


def test_the_function_runs_in_the_callers_grad_mode(connect):
    peer = connect({"mode": lambda a: torch.is_grad_enabled()})
    assert all(peer.call("mode", a) for a in (torch.ones(2), leaf(1)))
    with torch.no_grad():
        assert not any(peer.call("mode", a) for a in (torch.ones(2), leaf(1)))


def test_graphs_are_not_kept_for_ever(connect):
    peer = connect({"f": lambda a: a * 2})
    old = peer.call("f", a := leaf(1))
    for _ in range(wire.KEPT_GRAPHS):
        peer.call("f", a)
    with pytest.raises(RemoteError):
        old.backward()
    assert len(peer.other._graphs) == wire.KEPT_GRAPHS


@pytest.mark.parametrize("argument", [torch.ones(3), np.ones(2)], ids=["tensor", "array"])
def test_a_change_in_place_is_noticed_and_reaches_nobody(connect, argument):
    peer = connect({"double": lambda x: operator.imul(x, 2)})
    peer.call("double", argument)
    assert peer.changed == {"argument"}
    assert set(argument.tolist()) == {1}


def test_an_end_that_is_not_watched_copies_no_arguments_and_tells_nothing(connect, monkeypatch):
    monkeypatch.setattr(wire, "Footprint", None)
    peer = connect({"double": lambda x: operator.imul(x, 2)}, watched=False)
    assert peer.call("double", torch.ones(2)).tolist() == [2, 2]
    assert not peer.changed


def test_an_empty_list_is_filled_as_the_function_fills_its_own(connect):
    def fill(x, history=None):
        history += [1.5, x.detach().sum()]
        return 2 * x

    peer, history, x = connect({"fill": fill}), [], leaf(1, 2)
    returned = peer.call("fill", x, history=history)
    assert history[0] == 1.5
    assert float(history[1]) == 3
    assert not peer.changed
    returned.sum().backward()
    assert x.grad.tolist() == [2, 2]
    assert peer.call("fill", torch.ones(2), []).tolist() == [2, 2]


@pytest.mark.parametrize("reply", [[1, []], [1, 2], [1], 1, [1, [[], []]]])
def test_a_reply_that_fills_other_lists_is_refused(reply):
    history = []
    with pytest.raises(WireError):
        wire._filled([history], reply)
    assert history == []


def test_what_was_not_changed_is_not_noticed(connect):
    peer = connect({"f": lambda x: None})
    peer.call("f", torch.tensor([math.nan, -0.0, math.inf]))
    assert not peer.changed


def test_what_one_call_leaves_behind_is_noticed_and_spoils_no_other(connect):
    def switch_off():
        torch.set_grad_enabled(False)

    peer = connect({"off": switch_off, "on": torch.is_grad_enabled})
    peer.call("off")
    assert peer.changed == {"grad_mode"}
    assert peer.call("on")


def test_models_arrive_in_their_mode(connect):
    peer = connect({"training": lambda model: model.training}, models=True)
    for training in (True, False):
        assert peer.call("training", StepVAE(3).train(training)) is training


@pytest.mark.parametrize("changed", [None, False, "argument", ["odd"], [3], {"argument": 1}])
def test_odd_words_on_what_was_changed_are_taken_for_a_change(changed):
    peer, other = forged({**GOOD, "changed": changed})
    with other:
        peer.call("f")
    assert peer.changed == {"argument"}


class HomeworkError(ValueError):
    pass


def fail(error: BaseException):
    raise error


@pytest.mark.parametrize(
    ("error", "names"),
    [
        (HomeworkError("wrong β"), ["HomeworkError", "ValueError", "Exception"]),
        (SystemExit(0), ["SystemExit", "BaseException"]),
        (NotImplementedError("Task 1.2"), ["NotImplementedError", "RuntimeError"]),
    ],
    ids=str,
)
def test_errors_keep_type_bases_and_text(connect, error, names):
    peer = connect({"f": lambda: fail(error)})
    with pytest.raises(RemoteError) as caught:
        peer.call("f")
    assert [name for name in caught.value.type_names if name in names] == names
    assert caught.value.message == str(error)


def test_an_error_without_text(connect):
    hopeless = type("Hopeless", (Exception,), {"__str__": lambda self: fail(self)})
    peer = connect({"f": lambda: fail(hopeless())})
    with pytest.raises(RemoteError, match="no readable text"):
        peer.call("f")


def test_an_unknown_function(connect):
    with pytest.raises(RemoteError, match="KeyError"):
        connect({}).call("f")


def test_a_value_of_no_kind_is_an_error_and_not_the_end(connect):
    peer = connect({"f": object, "g": lambda: 1})
    with pytest.raises(RemoteError, match="neither a tensor nor a number"):
        peer.call("f")
    assert peer.call("g") == 1


def test_callbacks_both_ways_with_gradients(connect):
    """The served function calls ours, which is differentiated through both ends."""
    ours = {"square": lambda x: x**2}
    served = {}
    peer = connect(served, ours)
    served["f"] = lambda x: peer.other.call("square", x.sin()).sum()
    x = leaf(0.3, 0.7)
    (gradient,) = torch.autograd.grad(peer.call("f", x), [x])
    assert torch.allclose(gradient, 2 * x.sin() * x.cos())


def test_a_callback_may_fail(connect):
    served = {}
    peer = connect(served, {"bad": lambda: fail(HomeworkError("no"))})
    served["f"] = lambda: peer.other.call("bad")
    with pytest.raises(RemoteError, match="HomeworkError: no"):
        peer.call("f")


def test_a_callback_to_a_function_that_is_not_served(connect):
    served = {}
    peer = connect(served)
    served["f"] = lambda x: peer.other.call("f", x)
    with pytest.raises(RemoteError, match="KeyError"):
        peer.call("f", 1)


def test_the_deadline_ends_the_wait(connect):
    done = threading.Event()
    peer = connect({"f": lambda: done.wait(5)}, seconds=0.2)
    start = time.monotonic()
    with pytest.raises(WireTimeout):
        peer.call("f")
    assert time.monotonic() - start < 2
    done.set()


def test_a_trickle_does_not_extend_the_deadline():
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.05):
            ours.send(b"r")

    thread = threading.Thread(target=trickle)
    thread.start()
    start = time.monotonic()
    with pytest.raises(WireError):
        Channel(theirs, start + 0.4).receive()
    assert time.monotonic() - start < 2
    stop.set()
    thread.join()
    ours.close()
    theirs.close()


def test_the_other_end_hangs_up():
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(WireClosed):
        Peer(Channel(ours), {}.__getitem__).call("f")


# Answers that are forged


def forged(reply: dict, tensors=()):
    """A Peer whose other end has already sent a reply."""
    ours, theirs = socket.socketpair()
    theirs.sendall(wire.pack(reply, list(tensors)))
    return Peer(Channel(ours, time.monotonic() + 2), {}.__getitem__), theirs


GOOD = {"kind": "result", "id": 0, "value": None, "changed": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 1},
        {"id": None},
        {"kind": "verdict"},
        {"kind": None},
        {"value": {"tensor": 5}},
        {"value": {"toy": "StepVAE", "arguments": {"dict": []}, "training": True}},
    ],
    ids=str,
)
def test_forged_replies_are_refused(wrong):
    peer, other = forged({**GOOD, **wrong}, [torch.ones(2)])
    with other, pytest.raises(WireError):
        peer.call("f", torch.zeros(2))


def test_a_forged_reply_can_only_forge_a_value():
    peer, other = forged({**GOOD, "value": {"tensor": 0}}, [torch.ones(2)])
    with other:
        assert type(peer.call("f")) is torch.Tensor


def test_the_judge_builds_no_models_that_are_sent_back(connect):
    """Making one may take any amount of memory: only the worker makes them."""
    huge = StepVAE(1)
    huge._kwargs = {"latent_dim": 10**10}
    peer = connect({"f": lambda: huge, "g": lambda model: model.recipe()[0]}, models=True)
    with pytest.raises(WireError):
        peer.call("f")


def test_a_forged_gradient_of_another_shape_is_refused(connect):
    peer = connect({"f": lambda a: a * 2})
    peer.other._differentiate = lambda request, cotangents: (
        {"reached": [True]},
        [torch.ones(5, dtype=torch.float64)],
    )
    with pytest.raises(WireError, match="shape"):
        peer.call("f", leaf(1, 2)).sum().backward()


def test_graphs_are_kept_within_a_size(connect, monkeypatch):
    monkeypatch.setattr(wire, "KEPT_BYTES", 4000)
    peer = connect({"f": lambda a: a * 2})
    values = [peer.call("f", torch.ones(100, requires_grad=True)) for _ in range(20)]
    assert len(peer.other._graphs) == 5
    values[-1].sum().backward()
    with pytest.raises(RemoteError):
        values[0].sum().backward()


def test_the_kinds_of_named_tuples_are_limited(monkeypatch):
    """Python takes long to make a class: a reply of a megabyte could name thirty thousand."""
    monkeypatch.setattr(wire, "_NAMED_TUPLES", {})
    monkeypatch.setattr(wire, "MAX_NAMED_TUPLES", 2)
    one, _ = (wire._named_tuple([name, "b"], (1, 2)) for name in ("a", "c"))
    assert (one.a, type(wire._named_tuple(["a", "b"], (5, 6))) is type(one)) == (1, True)
    with pytest.raises(WireError, match="too many kinds"):
        wire._named_tuple(["one", "more"], (1, 2))
