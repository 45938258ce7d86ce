"""Read TOML files that people write, and name the first mistake in them in one sentence."""

import math
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any


class CourseError(Exception):
    """Something the instructor can fix; the message is one sentence naming file and remedy."""


@dataclass(frozen=True)
class Number:
    """A kind of value: a finite number that is more than 0, or 0 or more."""

    types: tuple[type, ...] = (int, float)
    zero: bool = False
    """Whether 0 is one."""

    def allows(self, value: float) -> bool:
        return (value >= 0 if self.zero else value > 0) and value < math.inf


POSITIVE = Number()
NON_NEGATIVE = Number(zero=True)
POSITIVE_INT = Number((int,))
NON_NEGATIVE_INT = Number((int,), zero=True)


def read_toml(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise CourseError(
            f"{path.name} cannot be read ({error.strerror}): run this from the folder that holds it"
        ) from None
    except UnicodeDecodeError:
        raise CourseError(f"{path.name} is not UTF-8: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path.name} is not valid TOML: {error}: correct it there") from None


def check_fields(table: object, where: str, required: dict, optional: dict | None = None) -> None:
    """Refuse unknown and missing keys and values of the wrong type.

    Raises:
        CourseError: the first of them, with what to do about it.
    """
    known = required | (optional or {})
    if not isinstance(table, dict):
        raise CourseError(f"{where} must be a table with the keys {', '.join(known)}")
    for key, value in table.items():
        if key not in known:
            raise CourseError(f"{where} has an unknown key {key!r}: known are {', '.join(known)}")
        _check_value(value, known[key], f"{where}: {key}")
    for key in required:
        if key not in table:
            raise CourseError(f"{where} has no {key!r}: add it")


def _check_value(value: Any, kind: type | Number, what: str) -> None:
    fits = isinstance(value, kind.types if isinstance(kind, Number) else kind)
    if not fits or isinstance(value, bool) is not (kind is bool):
        raise CourseError(f"{what} must be {_named(kind)}, not {value!r}")
    if isinstance(kind, Number) and not kind.allows(value):
        bound = "0 or more" if kind.zero else "more than 0"
        raise CourseError(f"{what} must be {bound}, not {value!r}")
    if kind is str and not value.strip():
        raise CourseError(f"{what} is empty: write it")


def _named(kind: type | Number) -> str:
    if isinstance(kind, Number):
        return "a number" if float in kind.types else "a whole number"
    names: dict[type, str] = {
        str: "a text",
        dict: "a table",
        list: "a list",
        bool: "true or false",
        date: "a day as in 2026-12-01, or a time as in 2026-12-01T23:59:00",
    }
    return names[kind]


def read_text(root: Path, source: str) -> str:
    """Return the text of a file that students get, with "\\n" line ends.

    Raises:
        CourseError: it cannot be read, or is not UTF-8.
    """
    try:
        return read_bytes(root, source).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise CourseError(f"{source} is not UTF-8: save it as UTF-8") from None


def read_bytes(root: Path, source: str) -> bytes:
    """Return the content of a file that students get.

    Raises:
        CourseError: it cannot be read.
    """
    try:
        return (root / source).read_bytes()
    except OSError as error:
        raise CourseError(
            f"{source} cannot be read ({error.strerror}): it is released, so write it"
        ) from None
