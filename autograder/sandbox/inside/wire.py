"""Frames between the judge and a worker, and calls that can be differentiated across them.

A frame is a header (JSON) and a payload (the raw bytes of its tensors, one after the other).
Nothing is ever unpickled: the receiver rebuilds plain tensors from bytes whose dtype, shape and
number it has checked, so a forged frame can only ever forge a value.

The same file serves both ends: a `Peer` calls functions of the other end and, while it waits,
serves those that the other end may call.
"""

import itertools
import json
import math
import os
import re
import socket
import struct
import time
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

import toy_models
from footprint import CHANGES, Footprint

PREFIX = struct.Struct("<4sIQ")
MAGIC = b"rdl1"
MAX_HEADER = 1 << 20
MAX_PAYLOAD = 1 << 26
MAX_DEPTH = 16
MAX_MESSAGE = 2000
MAX_NAMED_TUPLES = 64
"""Kinds of them that one process makes for what it receives."""
KEPT_GRAPHS, KEPT_BYTES = 2048, 1 << 28
OPEN = "open"
"""The call that imports the submission: settings that modules make are for all calls after it."""
DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.uint32,
    )
}


class WireError(Exception):
    """The other end sent something that is not a frame, or a frame that says something else."""


class CannotCross(WireError):
    """A value is of a kind that cannot be sent to the other end."""


class WireClosed(WireError):
    """The other end is gone."""


class WireTimeout(WireError):
    """The other end did not answer in time."""


class RemoteError(Exception):
    """A function at the other end raised.

    `kind` is the exception's class name, `type_names` those of the class and its bases, `where`
    the line of the submission, as rdlab/file.py:line.
    """

    def __init__(self, type_names: list[str], message: str, where: str = ""):
        self.kind = type_names[0] if type_names else "Exception"
        super().__init__(f"{self.kind}: {message}" if message else self.kind)
        self.type_names, self.message, self.where = type_names, message, where


# Values to (JSON tree, tensors) and back


def encode(value: Any, tensors: list[Tensor], depth: int = 0) -> Any:
    """Write a value as a JSON tree; its tensors are appended to the list and named by index.

    Raises:
        CannotCross: the value is of a kind that does not cross.
    """
    if depth > MAX_DEPTH:
        raise CannotCross("a value is nested too deeply")
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic):
        return encode(value.item(), tensors, depth)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Tensor):
        return {"tensor": _append(value, tensors)}
    if isinstance(value, np.ndarray):
        return {"array": _append(_shared(value), tensors)}
    if isinstance(value, list):
        return [encode(item, tensors, depth + 1) for item in value]
    if isinstance(value, tuple):
        items = [encode(item, tensors, depth + 1) for item in value]
        return {"tuple": items, "fields": list(getattr(value, "_fields", ()))}
    if isinstance(value, dict):
        pairs = [[str(key), encode(item, tensors, depth + 1)] for key, item in value.items()]
        return {"dict": pairs}
    if type(value) in toy_models.TOY_MODELS.values():
        name, arguments = value.recipe()
        arguments = encode(arguments, tensors, depth + 1)
        return {"toy": name, "arguments": arguments, "training": value.training}
    name = type(value).__name__
    article = "an" if name[0] in "aeiou" else "a"
    raise CannotCross(f"{article} {name} is neither a tensor nor a number")


def _shared(array: np.ndarray) -> Tensor:
    """Return a tensor on the array's own memory where possible: a write to it changes the array."""
    try:
        return torch.from_numpy(array if array.flags.writeable else array.copy())
    except (TypeError, ValueError) as error:
        raise CannotCross(f"an array of dtype {array.dtype} cannot be returned") from error


def _append(tensor: Tensor, tensors: list[Tensor]) -> int:
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        raise CannotCross("inside torch.vmap or torch.func a tensor has no value of its own")
    if tensor.layout != torch.strided or tensor.is_meta or tensor.is_quantized:
        raise CannotCross("only dense tensors can be returned")
    if str(tensor.dtype).removeprefix("torch.") not in DTYPES:
        raise CannotCross(f"a tensor of dtype {tensor.dtype} cannot be returned")
    tensors.append(tensor)
    return len(tensors) - 1


def decode(tree: Any, tensors: list[Tensor], models: bool = False) -> Any:
    """Rebuild a value from its JSON tree; toy models are made only where `models` allows it.

    Raises:
        WireError: it is not a value.
    """
    try:
        return _decode(tree, tensors, models, 0)
    except (TypeError, ValueError) as error:
        raise WireError("a frame holds a value that cannot be rebuilt") from error


def _decode(tree: Any, tensors: list[Tensor], models: bool, depth: int) -> Any:
    if depth > 2 * MAX_DEPTH:
        raise WireError("a value is nested too deeply")
    if tree is None or isinstance(tree, bool | int | float):
        return tree
    if isinstance(tree, str):
        return _text(tree)
    if isinstance(tree, list):
        return [_decode(item, tensors, models, depth + 1) for item in tree]
    match tree:
        case {"tensor": int(index)} if 0 <= index < len(tensors):
            return tensors[index]
        case {"array": int(index)} if 0 <= index < len(tensors):
            return tensors[index].detach().numpy()
        case {"tuple": list(items), "fields": list(fields)}:
            made = tuple(_decode(item, tensors, models, depth + 1) for item in items)
            return _named_tuple(fields, made) if fields else made
        case {"dict": list(pairs)}:
            return {
                _text(str(key)): _decode(item, tensors, models, depth + 1) for key, item in pairs
            }
        case {"toy": str(name), "arguments": arguments, "training": bool(training)} if (
            models and name in toy_models.TOY_MODELS
        ):
            model = toy_models.build(name, _decode(arguments, tensors, models, depth + 1))
            return model.train(training)
    raise WireError("a frame holds a value of an unknown kind")


def _text(text: str) -> str:
    """Return a text as every file can hold it: JSON may bring lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _named_tuple(fields: list, items: tuple) -> tuple:
    """Return a tuple with named items, as a NamedTuple at the other end has them."""
    plain = all(isinstance(name, str) and re.fullmatch("[a-z][a-z_]{,30}", name) for name in fields)
    if not plain or len(fields) != len(items) or len(fields) > MAX_DEPTH:
        raise WireError("a frame holds a tuple with odd names")
    names = tuple(fields)
    if names not in _NAMED_TUPLES and len(_NAMED_TUPLES) >= MAX_NAMED_TUPLES:
        raise WireError("there are too many kinds of named tuples")
    try:
        kind = _NAMED_TUPLES.get(names) or namedtuple("Result", names)
    except ValueError as error:  # a keyword, or a name twice
        raise WireError("a frame holds a tuple with odd names") from error
    return _NAMED_TUPLES.setdefault(names, kind)(*items)


_NAMED_TUPLES: dict[tuple[str, ...], type] = {}
"""Classes by their fields: to make one takes as long as many calls."""


def _tensor_bytes(tensor: Tensor) -> bytes:
    # a copy: a single number of a column counts as contiguous, but keeps the column's stride
    flat = tensor.detach().cpu().reshape(-1).clone(memory_format=torch.contiguous_format)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def pack(header: dict, tensors: list[Tensor]) -> bytes:
    """Return a whole frame as bytes. Raises WireError where it is over the limits."""
    payload = [_tensor_bytes(tensor) for tensor in tensors]
    described = [
        [str(tensor.dtype).removeprefix("torch."), list(tensor.shape), tensor.requires_grad]
        for tensor in tensors
    ]
    text = json.dumps({**header, "tensors": described}).encode()
    size = sum(map(len, payload))
    if len(text) > MAX_HEADER or size > MAX_PAYLOAD:
        raise CannotCross("a value is too large to be sent")
    return b"".join([PREFIX.pack(MAGIC, len(text), size), text, *payload])


def unpack(text: bytes, payload: bytearray) -> tuple[dict, list[Tensor]]:
    """Return header and tensors of a frame. Raises WireError unless every byte is accounted for."""
    try:
        header = json.loads(text)
        described = header.pop("tensors")
        sizes = [_byte_size(dtype, shape) for dtype, shape, _ in described]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WireError("a frame's header cannot be read") from error
    if sum(sizes) != len(payload):
        raise WireError("a frame's payload is not what its header says")
    tensors, start = [], 0
    for (dtype, shape, grad), size in zip(described, sizes, strict=True):
        tensor = _tensor(payload, start, size, shape, DTYPES[dtype])
        tensors.append(tensor.requires_grad_(grad is True and tensor.is_floating_point()))
        start += size
    return header, tensors


def _tensor(
    payload: bytearray, start: int, size: int, shape: list[int], dtype: torch.dtype
) -> Tensor:
    if size == 0:
        return torch.empty(shape, dtype=dtype)
    part = torch.frombuffer(payload, dtype=torch.uint8, count=size, offset=start)
    part = part.ne(0) if dtype == torch.bool else part.clone().view(dtype)
    return part.view(shape)


def _byte_size(dtype: str, shape: list[int]) -> int:
    plain = isinstance(shape, list) and len(shape) <= MAX_DEPTH
    if not plain or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError(f"no shape: {shape}")
    if math.prod(n for n in shape if n) > MAX_PAYLOAD:
        raise ValueError(f"too large: {shape}")
    return math.prod(shape) * DTYPES[dtype].itemsize


class Channel:
    """Frames over a stream socket; `deadline` is a time of `time.monotonic()`, or None."""

    def __init__(self, connection: socket.socket, deadline: float | None = None):
        self.connection, self.deadline = connection, deadline

    def send(self, frame: bytes) -> None:
        """Send one packed frame. Raises WireClosed or WireTimeout."""
        try:
            self._set_timeout()
            self.connection.sendall(frame)
        except TimeoutError as error:
            raise WireTimeout("the other end does not listen") from error
        except OSError as error:
            raise WireClosed("the other end is gone") from error

    def receive(self) -> tuple[dict, list[Tensor]]:
        """Return the next frame. Raises WireClosed, WireTimeout, or WireError if malformed."""
        return unpack(*self.receive_bytes())

    def receive_bytes(self) -> tuple[bytes, bytearray]:
        """Return the next frame's header and payload. Raises as `receive` does."""
        magic, text, payload = PREFIX.unpack(self._read(PREFIX.size))
        if magic != MAGIC or text > MAX_HEADER or payload > MAX_PAYLOAD:
            raise WireError("what came is not a frame")
        return bytes(self._read(text)), self._read(payload)

    def _read(self, size: int) -> bytearray:
        data = bytearray()
        while len(data) < size:
            try:
                self._set_timeout()
                part = self.connection.recv(min(size - len(data), 1 << 20))
            except TimeoutError as error:
                raise WireTimeout("no answer in time") from error
            except OSError as error:
                raise WireClosed("the other end is gone") from error
            if not part:
                raise WireClosed("the other end is gone")
            data += part
        return data

    def _set_timeout(self) -> None:
        if self.deadline is None:
            return
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self.connection.settimeout(remaining)

    def close(self) -> None:
        self.connection.close()


# Calls


class Peer:
    """One end of a conversation: calls functions of the other end, serves its own.

    Args:
        channel: the connection.
        resolve: gives the function for a name that the other end may call; raises otherwise.
        caught: what a served function may raise without ending the conversation.
        models: whether the other end may have toy models made here. Making one can take any amount
            of memory, so only the worker does.
        watched: whether to tell the other end what served functions leave behind. Only what a
            submission does is of interest, and it costs a copy of all arguments.

    `changed` says what functions of the other end left behind, as keys of `footprint.CHANGES`. The
    caller's own arguments stay as they were: what is expected may be computed from them later. Only
    empty lists among them are filled, as the function filled its own.
    """

    def __init__(
        self,
        channel: Channel,
        resolve: Callable[[str], Callable],
        caught: type[BaseException] = Exception,
        models: bool = False,
        watched: bool = False,
    ):
        self.channel, self.resolve, self.caught, self.models = channel, resolve, caught, models
        self.watched = watched
        self.changed: set[str] = set()
        self._ids = itertools.count()
        self._graphs: OrderedDict[int, tuple[list[Tensor], list[Tensor], int]] = OrderedDict()
        self._kept_bytes = 0

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function at the other end; the result can be differentiated as if local.

        It runs there as it would here: under torch.no_grad() where the caller is.

        Raises:
            RemoteError: the function raised.
            WireError: the other end failed.
        """
        tensors: list[Tensor] = []
        tree, to_fill = encode([list(args), kwargs], tensors), _empty_lists(args, kwargs)
        watched = [tensor for tensor in tensors if tensor.requires_grad]
        recording = torch.is_grad_enabled()
        if not (watched and recording):
            _, tree, returned = self._remote_forward(name, tree, tensors, recording)
            value = decode(tree, [tensor.detach() for tensor in returned], self.models)
            return _filled(to_fill, value)
        reply: dict = {}
        outputs = iter(_RemoteCall.apply(self, name, tree, tensors, reply, *watched))
        results = [
            next(outputs) if index in reply["floating"] else tensor
            for index, tensor in enumerate(reply["tensors"])
        ]
        return _filled(to_fill, decode(reply["tree"], results, self.models))

    def _remote_forward(
        self, name: str, tree: Any, tensors: list[Tensor], recording: bool = True
    ) -> tuple[int, Any, list[Tensor]]:
        number = next(self._ids)
        request = {"kind": "call", "id": number, "name": name, "value": tree, "grad": recording}
        reply, returned = self._ask(request, tensors)
        self.changed |= _known_changes(reply.get("changed"))
        return number, reply.get("value"), returned

    def _ask(self, request: dict, tensors: list[Tensor]) -> tuple[dict, list[Tensor]]:
        self.channel.send(pack(request, tensors))
        while True:
            reply, returned = self.channel.receive()
            if reply.get("kind") in ("call", "vjp"):
                self._answer(reply, returned)
                continue
            if reply.get("id") != request["id"]:
                raise WireError("a reply does not belong to the request")
            if reply.get("kind") == "error":
                raise _remote_error(reply)
            if reply.get("kind") != "result":
                raise WireError("a reply is of an unknown kind")
            return reply, returned

    def remote_vjp(
        self, call: int, outputs: list[int], cotangents: list[Tensor]
    ) -> list[Tensor | None]:
        request = {"kind": "vjp", "id": next(self._ids), "of": call, "outputs": outputs}
        reply, gradients = self._ask(request, cotangents)
        reached = reply.get("reached")
        if not isinstance(reached, list) or reached.count(True) != len(gradients):
            raise WireError("a gradient is missing")
        each = iter(gradients)
        return [next(each) if hit is True else None for hit in reached]

    def serve(self) -> None:
        """Answer calls until the other end hangs up."""
        while True:
            try:
                request, tensors = self.channel.receive()
            except WireClosed:
                return
            self._answer(request, tensors)

    def _answer(self, request: dict, tensors: list[Tensor]) -> None:
        try:
            if request.get("kind") == "call":
                reply, returned = self._run(request, tensors)
            else:
                reply, returned = self._differentiate(request, tensors)
            frame = pack({"kind": "result", "id": request.get("id"), **reply}, returned)
        except (WireClosed, WireTimeout):
            raise
        except self.caught as error:
            frame = pack({**_describe(error), "id": request.get("id")}, [])
        self.channel.send(frame)

    def _run(self, request: dict, tensors: list[Tensor]) -> tuple[dict, list[Tensor]]:
        name = str(request.get("name"))
        function = self.resolve(name)
        args, kwargs = decode(request.get("value"), tensors, self.models)
        watched = [tensor for tensor in tensors if tensor.requires_grad]
        to_fill = _empty_lists(args, kwargs)
        with torch.set_grad_enabled(request.get("grad") is not False):
            footprint = self.watched and name != OPEN
            before = Footprint([args, kwargs]) if footprint else None
            value = function(*args, **kwargs)
            changed = before.changes() if before else []
            if before:
                before.restore_settings()
        returned: list[Tensor] = []
        tree = encode([value, to_fill] if to_fill else value, returned)
        self._remember(request.get("id"), tensors, watched, returned)
        return {"value": tree, "changed": changed}, returned

    def _remember(
        self, call: Any, inputs: list[Tensor], watched: list[Tensor], outputs: list[Tensor]
    ) -> None:
        if not (watched and any(tensor.requires_grad for tensor in outputs)):
            return
        size = sum(tensor.nbytes for tensor in [*inputs, *outputs])
        self._kept_bytes += size - self._graphs.pop(call, ((), (), 0))[2]
        self._graphs[call] = (watched, outputs, size)
        while len(self._graphs) > KEPT_GRAPHS or self._kept_bytes > KEPT_BYTES:
            self._kept_bytes -= self._graphs.popitem(last=False)[1][2]

    def _differentiate(self, request: dict, cotangents: list[Tensor]) -> tuple[dict, list[Tensor]]:
        inputs, outputs, _ = self._graphs[request["of"]]
        chosen = [outputs[index] for index in request["outputs"]]
        gradients = torch.autograd.grad(
            chosen, inputs, cotangents, retain_graph=True, allow_unused=True
        )
        reached = [gradient is not None for gradient in gradients]
        return {"reached": reached}, [g for g in gradients if g is not None]


class _RemoteCall(torch.autograd.Function):
    """Forward asks the other end for the value, backward for the vector-Jacobian product."""

    @staticmethod
    def forward(
        ctx: Any,
        peer: Peer,
        name: str,
        tree: Any,
        tensors: list[Tensor],
        reply: dict,
        *watched: Tensor,
    ) -> tuple[Tensor, ...]:
        ctx.peer, ctx.watched = peer, watched
        ctx.call, reply["tree"], reply["tensors"] = peer._remote_forward(name, tree, tensors)
        floating = [i for i, t in enumerate(reply["tensors"]) if t.is_floating_point()]
        reply["floating"] = set(floating)
        ctx.outputs = [i for i in floating if reply["tensors"][i].requires_grad]
        results = [reply["tensors"][i].detach() for i in floating]
        constant = [r for i, r in zip(floating, results, strict=True) if i not in ctx.outputs]
        ctx.positions = [floating.index(i) for i in ctx.outputs]
        ctx.mark_non_differentiable(*constant)
        return tuple(results)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *cotangents: Tensor) -> tuple[Tensor | None, ...]:
        chosen = [cotangents[position] for position in ctx.positions]
        gradients = ctx.peer.remote_vjp(ctx.call, ctx.outputs, chosen)
        if len(gradients) != len(ctx.watched):
            raise WireError("a gradient is missing")
        for gradient, tensor in zip(gradients, ctx.watched, strict=True):
            if gradient is not None and gradient.shape != tensor.shape:
                raise WireError("a gradient has the wrong shape")
        return None, None, None, None, None, *gradients


def _empty_lists(args: Iterable[Any], kwargs: dict[str, Any]) -> list[list]:
    """Return the lists among the arguments of a call that it may fill."""
    return [each for each in (*args, *kwargs.values()) if isinstance(each, list) and not each]


def _filled(to_fill: list[list], reply: Any) -> Any:
    """Fill the caller's empty lists as the other end filled its own; return the value."""
    if not to_fill:
        return reply
    match reply:
        case [value, [*filled]] if len(filled) == len(to_fill):
            for own, other in zip(to_fill, filled, strict=True):
                own.extend(other if isinstance(other, list) else [])
            return value
    raise WireError("a reply does not say what was put into the lists of the call")


def _known_changes(keys: Any) -> set[str]:
    """Return the changes that the other end reports; anything unknown counts as a change."""
    known = isinstance(keys, list) and all(isinstance(key, str) and key in CHANGES for key in keys)
    return set(keys) if known else {"argument"}


def _describe(error: BaseException) -> dict:
    """Return an exception as an error frame; its own text may be hostile or fail to be made."""
    try:
        text = str(error)[:MAX_MESSAGE]
    except BaseException:
        text = "(the exception has no readable text)"
    names = [base.__name__[:100] for base in type(error).__mro__[:10]]
    return {"kind": "error", "types": names, "text": text, "where": _place(error)}


def _remote_error(reply: dict) -> RemoteError:
    names = reply.get("types")
    names = [_text(str(name)[:100]) for name in names[:10]] if isinstance(names, list) else []
    texts = (_text(str(reply.get(key, ""))[:MAX_MESSAGE]) for key in ("text", "where"))
    return RemoteError(names, *texts)


def _place(error: BaseException) -> str:
    """Return the submission's innermost line that an exception passed, as rdlab/file.py:line."""
    place, frame = "", error.__traceback__
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_short(error.filename)}:{error.lineno}"
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if f"{os.sep}rdlab{os.sep}" in name:
            place = f"{_short(name)}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place


def _short(path: str) -> str:
    return path[path.rfind(f"{os.sep}rdlab{os.sep}") + 1 :][:200]
