"""A .tar.gz that breaks off in the map of a sparse file: Python's tarfile raises IndexError."""

import gzip
import io
import tarfile
from pathlib import Path

TASK = "1.2"
HONEST = []


def build(folder: Path) -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as out:
        member = tarfile.TarInfo("rdlab/gaussian.py")
        member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
        out.addfile(member)
    archive = folder.with_suffix(".tar.gz")
    archive.write_bytes(gzip.compress(packed.getvalue()[: 3 * 512]))
    return archive
