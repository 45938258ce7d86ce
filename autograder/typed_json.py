"""Dataclasses to JSON and back; what is read is checked against the types of the fields."""

import types
from collections.abc import Callable, Hashable, Iterable
from dataclasses import MISSING, asdict, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NoReturn, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
PLAIN = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def to_json(value: Any) -> dict[str, Any]:
    """Return a dataclass as a dictionary that json.dumps can write, fields in their order."""
    return asdict(value)


def from_json(kind: type[T], data: object) -> T:
    """Return the `kind` that `to_json` gave as data; fields with a default may be missing.

    Dataclasses, tuples of any length, dictionaries with text keys, enums, numbers, texts and
    `X | None` are known. A float field takes whole numbers as they are.

    Raises:
        ValueError: the data is something else; the message says where.
    """
    try:
        return cast(T, _reader(cast(Hashable, kind))(data))
    except _Mismatch as mismatch:
        raise ValueError(f"{mismatch.where.lstrip('.') or 'it'} {mismatch.what}") from None


class _Mismatch(Exception):
    """Data that is not of its type; `where` grows on the way out."""

    def __init__(self, what: str, where: str = "") -> None:
        self.what, self.where = what, where


Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> Reader:
    """Return the reader of a type's data; made once for each: a class has thousands of fields."""
    arguments = get_args(kind)
    if isinstance(kind, types.UnionType) or get_origin(kind) is Union:
        [inner] = [_reader(each) for each in arguments if each is not type(None)]
        return lambda data: None if data is None else inner(data)
    if get_origin(kind) is tuple:
        return _reader_of_list(_reader(arguments[0]))
    if get_origin(kind) is dict:
        return _reader_of_dict(_reader(arguments[1]))
    if is_dataclass(kind):
        return _reader_of_fields(cast(type, kind))
    if issubclass(kind, Enum):
        members = {member.value: member for member in kind}
        return lambda data: (
            members[data]
            if isinstance(data, str) and data in members
            else _refuse(f"one of {list(kind)}", data)
        )
    return _reader_of_plain(kind)


def _reader_of_plain(kind: type) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is kind or (kind is float and type(data) is int):
            return data
        return _refuse(PLAIN[kind], data)

    return read


def _reader_of_list(item: Reader) -> Reader:
    def read(data: Any) -> tuple:
        if not isinstance(data, list | tuple):
            _refuse("a list", data)
        try:
            return tuple(map(item, data))
        except _Mismatch:
            raise _located((f"[{at}]", item, each) for at, each in enumerate(data)) from None

    return read


def _reader_of_dict(item: Reader) -> Reader:
    def read(data: Any) -> dict:
        if not isinstance(data, dict):
            _refuse("an object", data)
        try:
            return {str(key): item(each) for key, each in data.items()}
        except _Mismatch:
            raise _located((f".{key}", item, each) for key, each in data.items()) from None

    return read


def _reader_of_fields(kind: type) -> Reader:
    hints = get_type_hints(kind)
    readers = {each.name: _reader(hints[each.name]) for each in fields(kind)}
    needed = {
        each.name: None
        for each in fields(kind)
        if each.default is MISSING and each.default_factory is MISSING
    }

    # A frozen dataclass sets each field by a call; a class has a hundred thousand of them.
    absent = {each.name: each.default for each in fields(kind) if each.default is not MISSING}
    factories = any(each.default_factory is not MISSING for each in fields(kind))
    as_written = not (factories or hasattr(kind, "__post_init__") or hasattr(kind, "__slots__"))

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            _refuse("an object", data)
        for name in data.keys() - readers.keys():
            raise _Mismatch(f"is no field of {kind.__name__}", f".{name}")
        if not needed.keys() <= data.keys():
            name = next(name for name in needed if name not in data)
            raise _Mismatch("is missing", f".{name}")
        try:
            values = {name: readers[name](each) for name, each in data.items()}
        except _Mismatch:
            raise _located((f".{n}", readers[n], each) for n, each in data.items()) from None
        if not as_written:
            return kind(**values)
        made: Any = object.__new__(kind)
        made.__dict__.update(absent | values if len(values) < len(readers) else values)
        return made

    return read


def _located(parts: Iterable[tuple[str, Reader, Any]]) -> _Mismatch:
    """Read parts again, of which one is no good, for where that is: nothing is kept on the way."""
    for where, reader, data in parts:
        try:
            reader(data)
        except _Mismatch as mismatch:
            return _Mismatch(mismatch.what, where + mismatch.where)
    raise AssertionError("read the second time only")


def _refuse(wanted: str, data: object) -> NoReturn:
    raise _Mismatch(f"is {type(data).__name__}, not {wanted}")
