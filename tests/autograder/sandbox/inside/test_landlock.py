"""Landlock takes every file away but those that are named, from a process and its children."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder import ROOT

INSIDE = ROOT / "autograder" / "sandbox" / "inside"
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import landlock
words = landlock.confine([sys.argv[2]], [sys.argv[3]])
print(words)
for path, mode in zip(sys.argv[4::2], sys.argv[5::2]):
    try:
        with open(path, mode):
            print("open")
    except OSError as error:
        print(type(error).__name__)
"""


def confined(readable: Path, writable: Path, *attempts: tuple[Path, str]) -> list[str]:
    words = [str(word) for attempt in attempts for word in attempt]
    command = [sys.executable, "-c", PROGRAM, INSIDE, readable, writable, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said, *outcomes = done.stdout.splitlines()
    if said == "no Landlock":
        pytest.skip("this kernel has no Landlock")
    assert said.startswith("Landlock ABI ")
    return outcomes


def test_files_can_be_used_as_allowed(tmp_path):
    for name in ("readable", "writable", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    readable, writable, other = (tmp_path / name for name in ("readable", "writable", "other"))
    attempts = [
        (readable / "file", "r"),
        (readable / "file", "w"),
        (readable / "new", "w"),
        (writable / "file", "r"),
        (writable / "new", "w"),
        (other / "file", "r"),
        (other / "new", "w"),
    ]
    denied = "PermissionError"
    expected = ["open", denied, denied, "open", "open", denied, denied]
    assert confined(readable, writable, *attempts) == expected


def test_a_path_that_is_not_there_is_passed_over(tmp_path):
    (tmp_path / "file").write_text("text")
    missing = tmp_path / "missing"
    assert confined(missing, missing, (tmp_path / "file", "r")) == ["PermissionError"]
