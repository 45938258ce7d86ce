"""Landlock takes every file away but those that are named, from a process and its children."""

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import ROOT

INSIDE = ROOT / "autograder" / "sandbox" / "inside"
sys.path.insert(0, str(INSIDE))

import landlock  # noqa: E402

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import landlock  # noqa: E402
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


REACH = """
import os, signal, socket, sys
sys.path.insert(0, sys.argv[1])
import landlock  # noqa: E402
address = "\\0rdlab-" + sys.argv[2]
words = landlock.confine(["/"], [])
print(words)

def attempt(what):
    try:
        what()
        print("reached")
    except OSError as error:
        print(type(error).__name__)

attempt(lambda: os.kill(os.getppid(), 0))
attempt(lambda: os.kill(os.getpid(), 0))
attempt(lambda: socket.socket(socket.AF_UNIX).connect(address))
child = os.fork()
if not child:
    signal.pause()
attempt(lambda: os.kill(child, signal.SIGKILL))
os.waitpid(child, 0)
"""


def test_no_signal_and_no_abstract_socket_reaches_a_process_outside(tmp_path):
    """The own processes stay in reach: the worker ends what a check leaves behind."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0rdlab-{tmp_path.name}")
        listening.listen()
        command = [sys.executable, "-c", REACH, INSIDE, tmp_path.name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    said, *outcomes = done.stdout.splitlines()
    if not said.endswith("signals and abstract sockets"):
        pytest.skip(f"this kernel has {said}")
    assert outcomes == ["PermissionError", "reached", "PermissionError", "reached"]


@pytest.mark.parametrize(
    ("version", "fields", "rights"),
    [(1, 1, 13), (2, 1, 14), (3, 1, 15), (4, 2, 15), (5, 2, 16), (6, 3, 16), (9, 3, 16)],
)
def test_each_kernel_is_asked_for_what_it_has(monkeypatch, version, fields, rights):
    """Older kernels refuse fields and rights that they do not know."""
    asked = []

    def kernel(number, *args):
        if number == landlock.CREATE_RULESET and args[0] is None:
            return version
        asked.append(args)
        return os.open(os.devnull, os.O_RDONLY)

    monkeypatch.setattr(landlock, "_syscall", kernel)
    monkeypatch.setattr(landlock._libc, "prctl", lambda *_: 0, raising=False)
    assert landlock.confine([], []).startswith(f"Landlock ABI {version}: files")
    values = struct.unpack(f"{fields}Q", asked[0][0])
    assert values[0] == (1 << rights) - 1
    assert values[1:] == (0b11, 0b11)[: fields - 1]
