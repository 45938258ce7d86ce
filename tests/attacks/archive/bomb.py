"""A .zip of a few hundred kilobytes that unpacks to hundreds of megabytes."""

import zipfile
from pathlib import Path

TASK = "1.2"
HONEST = []


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(6):
            out.writestr(f"rdlab/part{number}.py", b"#" * (50 << 20))
    return archive
