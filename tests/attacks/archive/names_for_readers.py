"""A .zip whose names are commands for whatever shows them: spreadsheets, pages, terminals."""

import zipfile
from pathlib import Path

TASK = "1.2"
HONEST = []

_NAMES = (
    '=HYPERLINK("http://localhost","x").py',
    "+cmd|' /C calc'!A0",
    "@SUM(1).txt",
    "<script>alert(1)</script>.py",
    "![x](javascript:alert(1)).md",
    "\x1b]0;title\x07.txt",
    "a\nb\r\n| 100 |.txt",
    "\u202eyp.fdp",
    "{{ 7 * 7 }}.txt",
    "%s%s%n.txt",
    "x" * 500,
)


def build(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as out:
        for path in folder.rglob("*.py"):
            out.write(path, path.relative_to(folder))
        for name in _NAMES:
            out.writestr(name, "100 / 100")
    return archive


def gaussian_kl(mean, log_var):
    raise RuntimeError("".join(_NAMES) + "</pre><script>alert(2)</script>")
