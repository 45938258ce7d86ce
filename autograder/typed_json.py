"""Dataclasses to JSON and back; what is read is checked against the types of the fields."""

import types
from dataclasses import MISSING, asdict, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

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
    return cast(T, _read(kind, data, ""))


def _read(kind: Any, data: Any, where: str) -> Any:
    arguments = get_args(kind)
    if isinstance(kind, types.UnionType) or get_origin(kind) is Union:
        [inner] = [each for each in arguments if each is not type(None)]
        return None if data is None else _read(inner, data, where)
    if get_origin(kind) is tuple:
        _require(isinstance(data, list | tuple), where, "a list", data)
        return tuple(_read(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(data))
    if get_origin(kind) is dict:
        _require(isinstance(data, dict), where, "an object", data)
        return {str(key): _read(arguments[1], data[key], f"{where}.{key}") for key in data}
    if is_dataclass(kind):
        return _read_fields(cast(type, kind), data, where)
    if issubclass(kind, Enum):
        _require(data in [member.value for member in kind], where, f"one of {list(kind)}", data)
        return kind(data)
    accepted = int | float if kind is float else kind
    right = isinstance(data, accepted) and isinstance(data, bool) is (kind is bool)
    _require(right, where, PLAIN[kind], data)
    return data


def _read_fields(kind: type, data: Any, where: str) -> Any:
    _require(isinstance(data, dict), where, "an object", data)
    hints = _hints(kind)
    for name in data:
        if name not in hints:
            raise ValueError(f"{where}.{name} is no field of {kind.__name__}".lstrip("."))
    values = {}
    for field in fields(kind):
        if field.name in data:
            values[field.name] = _read(hints[field.name], data[field.name], f"{where}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{where}.{field.name} is missing".lstrip("."))
    return kind(**values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _require(holds: bool, where: str, wanted: str, data: object) -> None:
    if not holds:
        place = where.lstrip(".") or "it"
        raise ValueError(f"{place} is {type(data).__name__}, not {wanted}")
