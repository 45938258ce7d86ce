"""A .zip that says its members are tiny, and unpacks to more than a submission may hold."""

import struct
import zipfile
from pathlib import Path

TASK = "1.2"
HONEST = []


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("rdlab/gaussian.py", b"#" * (60 << 20))
    data = bytearray(archive.read_bytes())
    data[22:26] = struct.pack("<I", 10)
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    archive.write_bytes(data)
    return archive
