"""Read TOML files that people write, and name the first mistake in them in one sentence."""

import math
import tomllib
from datetime import date
from pathlib import Path


class CourseError(Exception):
    """Something the instructor can fix; the message is one sentence naming file and remedy."""


NUMBER = (int, float)
AMOUNT = (float, int)
"""Like NUMBER, but 0 is one too."""
COUNT = (int,)
"""A whole number, 0 is one too."""


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
        is_bool = isinstance(value, bool)
        if not isinstance(value, known[key]) or is_bool is not (known[key] is bool):
            raise CourseError(f"{where}: {key} must be {_kind(known[key])}, not {value!r}")
        if known[key] in (int, NUMBER) and not 0 < value < math.inf:
            raise CourseError(f"{where}: {key} must be more than 0, not {value!r}")
        if known[key] in (AMOUNT, COUNT) and not 0 <= value < math.inf:
            raise CourseError(f"{where}: {key} must be 0 or more, not {value!r}")
        if known[key] is str and not value.strip():
            raise CourseError(f"{where}: {key} is empty: write it")
    for key in required:
        if key not in table:
            raise CourseError(f"{where} has no {key!r}: add it")


def _kind(kind: type | tuple) -> str:
    names: dict[type | tuple, str] = {
        COUNT: "a whole number",
        str: "a text",
        dict: "a table",
        list: "a list",
        int: "a whole number",
        bool: "true or false",
        date: "a day as in 2026-12-01, or a time as in 2026-12-01T23:59:00",
    }
    return names.get(kind, "a number")


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
