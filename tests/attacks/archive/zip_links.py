"""A .zip with symbolic links to the solution and to other students' folders."""

import stat
import zipfile
from pathlib import Path

TASK = "1.2"
HONEST = []

_ROOT = Path(__file__).resolve().parents[3]


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as out:
        for name, target in (("rdlab", _ROOT / "solution" / "rdlab"), ("runs", "../../other/runs")):
            member = zipfile.ZipInfo(name)
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
            out.writestr(member, str(target))
    return archive
