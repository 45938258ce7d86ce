"""A .tar.gz that lays links to the repository and devices where the submission's files belong."""

import io
import tarfile
from pathlib import Path

TASK = "1.2"
HONEST = []

_ROOT = str(Path(__file__).resolve().parents[3])


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".tar.gz")
    with tarfile.open(archive, "w:gz") as out:
        for name, kind, target in (
            ("rdlab", tarfile.SYMTYPE, f"{_ROOT}/solution/rdlab"),
            ("rdlab/gaussian.py", tarfile.LNKTYPE, f"{_ROOT}/solution/rdlab/gaussian.py"),
            ("runs/beta-1/weights.safetensors", tarfile.CHRTYPE, ""),
            ("report.md", tarfile.FIFOTYPE, ""),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, target, 0o6777
            member.devmajor, member.devminor = 1, 5
            out.addfile(member)
        member = tarfile.TarInfo("rdlab/objective.py")
        member.size = 1
        out.addfile(member, io.BytesIO(b"\n"))
    return archive
