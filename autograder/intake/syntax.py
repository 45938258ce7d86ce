"""What keeps Python from reading some files: a line of JSON for each, null where nothing does.

Run as a program by `intake`, in a process of its own, which hostile files may bring to its limits.
"""

import io
import json
import resource
import sys
import tokenize
import warnings

CPU_SECONDS, MEMORY = 10, 2 << 30
DIAGNOSED_BYTES = 200_000
"""Larger files are not searched for syntax errors."""


def diagnose(file: str) -> str | None:
    """One sentence on a file that cannot be read; it is parsed, never executed."""
    with open(file, "rb") as opened:
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


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for name in sys.argv[1:]:
        print(json.dumps(diagnose(name)), flush=True)
