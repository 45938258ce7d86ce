"""A .tar.gz with the map of a sparse file in a million pieces: it takes ten seconds to read."""

import io
import tarfile
from pathlib import Path

TASK = "1.2"
HONEST = []


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".tar.gz")
    content = b"1000000\n" + b"0\n0\n" * 1_000_000
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as out:
        member = tarfile.TarInfo("rdlab/gaussian.py")
        member.size = len(content)
        member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
        out.addfile(member, io.BytesIO(content))
    return archive
