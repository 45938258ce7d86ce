"""Modules that Python compiles for hours: blocks in each other, endless names, blank lines."""

from pathlib import Path

TASK = "1.2"
HONEST = []


def _doubling():
    lines = [line for i in range(19) for line in (f"{' ' * i}try: pass", f"{' ' * i}finally:")]
    return "\n".join([*lines, " " * 19 + "pass\n"])


def build(folder: Path) -> Path:
    (folder / "rdlab" / "doubling.py").write_text(_doubling() * 250)
    (folder / "rdlab" / "dotted.py").write_text("import a" + ".a" * 90_000)
    (folder / "rdlab" / "blank.py").write_text("\f\n" * 90_000)
    return folder
