"""What keeps Python from reading a module."""

import io
import tokenize
from pathlib import Path

DIAGNOSED_BYTES = 200_000
"""Larger files are not searched for syntax errors."""


def diagnose(path: Path, file: str) -> str | None:
    """Return one sentence on a module that cannot be read; it is parsed, never executed.

    Hostile modules take any amount of time: call this only in a process with limits.

    Args:
        file: what the module is called in the sentence.
    """
    with open(path, "rb") as opened:
        source = opened.read(DIAGNOSED_BYTES)
    if len(source) == DIAGNOSED_BYTES:
        return None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        if encoding not in ("utf-8", "utf-8-sig"):
            return f"{file} is declared as {encoding[:40]}: save it as UTF-8"
        text = source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return f"{file} is not UTF-8: save it as UTF-8"
    try:
        compile(text, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"{file} line {error.lineno}" if error.lineno else file
        return f"{where}: {error.msg[:120]}"
    except (RecursionError, MemoryError):
        return f"{file} is nested too deeply for Python to read: simplify it"
    except ValueError as error:
        return f"{file}: {error}"
    return None
