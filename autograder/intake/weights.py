"""A short fingerprint of trained weights: near copies have nearly the same one."""

import json
import math
import struct
from pathlib import Path

SAMPLES = 64
"""Entries that are taken of each matrix."""
MAX_MATRICES, MAX_HEADER = 64, 1 << 20
SCALE = 1000
"""What a matrix's sample has as its length."""
UNREADABLE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    struct.error,
)
"""What a file that is no such file makes its reader raise."""
FORMATS = {"F64": ("<d", 8), "F32": ("<f", 4), "F16": ("<e", 2)}


def weights_fingerprint(path: Path) -> tuple[int, ...]:
    """Return evenly spaced entries of each matrix of a safetensors file, in the order of the names.

    A factor of a matrix changes nothing. The file is only sampled, in a few kilobytes: what it
    holds beyond its header is never interpreted.

    Returns:
        Whole numbers; none where the file cannot be read so.
    """
    try:
        content = path.read_bytes()
        (size,) = struct.unpack_from("<Q", content)
        if size > MAX_HEADER:
            return ()
        header = json.loads(content[8 : 8 + size])
        header.pop("__metadata__", None)
        matrices = [header[name] for name in sorted(header) if len(header[name]["shape"]) > 1]
        samples = [_sample(content, 8 + size, matrix) for matrix in matrices[:MAX_MATRICES]]
    except UNREADABLE:
        return ()
    return tuple(entry for sample in samples for entry in sample)


def _sample(content: bytes, start: int, matrix: dict) -> list[int]:
    form, width = FORMATS[matrix["dtype"]]
    begin, end = matrix["data_offsets"]
    count = (end - begin) // width
    places = [start + begin + width * (i * count // SAMPLES) for i in range(SAMPLES)]
    values = [struct.unpack_from(form, content, place)[0] for place in places]
    length = math.sqrt(math.fsum(value * value for value in values))
    return [round(SCALE * value / length) if length else 0 for value in values]
