"""Files from before 1970 and after the year 9999."""

import os
from pathlib import Path

TASK = "1.2"
HONEST = []


def build(folder: Path) -> Path:
    os.utime(folder / "rdlab" / "gaussian.py", (0, 253_402_300_800))
    os.utime(folder / "rdlab" / "objective.py", (0, -(10**9)))
    return folder
