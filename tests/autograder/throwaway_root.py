"""A root file system for one command, made of this machine's, as a grading container has it.

Root in it has what a default container leaves root; there is no bubblewrap, other users can
read Python wherever it is installed, and nothing written outside of what is bound stays.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from autograder.sandbox import layout, sandbox

CONTAINER_CAPABILITIES = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SYS_CHROOT",
    "MKNOD",
    "AUDIT_WRITE",
    "SETFCAP",
)
TMP_BYTES = 256 << 20


def inside(
    *binds: tuple[Path, str],
    writable: tuple[Path, str] | None = None,
    over: tuple[Path, str] | None = None,
) -> list[str]:
    """The beginning of a command line that runs the rest of it in a new root.

    Args:
        binds: (folder here, its place there), to be read only.
        writable: the one folder that stays.
        over: one more to be read only, within the writable one.
    """
    command = [
        "bwrap",
        "--die-with-parent",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--clearenv",
        "--setenv",
        "PATH",
        "/usr/sbin:/usr/bin:/sbin:/bin",
        "--cap-drop",
        "ALL",
    ]
    for name in CONTAINER_CAPABILITIES:
        command += ["--cap-add", f"CAP_{name}"]
    places = [(Path(folder), folder) for folder in (*layout.readable_folders(), "/sbin", "/etc")]
    command += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--perms",
        "1777",
        "--size",
        str(TMP_BYTES),
        "--tmpfs",
        "/tmp",
    ]
    for folder, place in [*places, *binds]:
        command += _bind("--ro-bind", folder, place)
    if shutil.which("bwrap").startswith("/usr/"):
        command += ["--ro-bind", "/dev/null", shutil.which("bwrap")]
    if writable:
        command += _bind("--bind", *writable)
    if over:
        command += ["--ro-bind", *map(str, over)]
    return [*command, "--chdir", "/", "--"]


def _bind(kind: str, folder: Path, place: str) -> list[str]:
    if folder.is_symlink():
        return ["--symlink", os.readlink(folder), place]
    parents = [str(parent) for parent in reversed(Path(place).parents[:-1])]
    above = [word for parent in parents for word in ("--perms", "0755", "--dir", parent)]
    return [*above, kind, str(folder), place]


@cache
def missing() -> str:
    """Why there can be no such root here; empty if there can."""
    if os.geteuid() != 0:
        return "a root file system of its own needs root"
    if shutil.which("bwrap") is None:
        return "a root file system of its own needs bwrap"
    user = str(sandbox.FIRST_USER)
    command = [
        *inside((Path(sys.prefix), sys.prefix)),
        "setpriv",
        f"--reuid={user}",
        "--clear-groups",
        sys.executable,
        "-c",
        "pass",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stderr.strip() if done.returncode else ""
