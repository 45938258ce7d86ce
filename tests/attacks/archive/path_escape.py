"""A .zip whose members climb out of the folder that they are unpacked into."""

import zipfile
from pathlib import Path

TASK = "1.2"
HONEST = []

_NAMES = (
    "../rdlab-escaped",
    "../../../../../../tmp/rdlab-escaped",
    "/tmp/rdlab-escaped",
    "..\\..\\rdlab-escaped",
    "C:\\rdlab-escaped",
    "rdlab/../../rdlab-escaped.py",
    "rdlab/./../../../rdlab-escaped.py",
    "//tmp/rdlab-escaped.py",
    "~/rdlab-escaped.py",
    "rdlab/..",
    "rdlab/sub/../../../gaussian.py",
)


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as out:
        for path in folder.rglob("*.py"):
            out.write(path, path.relative_to(folder))
        for name in _NAMES:
            out.writestr(zipfile.ZipInfo(name), "raise RuntimeError('ESCAPED')\n")
    return archive


def gaussian_kl(mean, log_var):
    return mean * 0
