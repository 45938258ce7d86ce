"""What a worker finds around it: variables, files, and the folders that bubblewrap shows it."""

import os
import shutil
import site
import sys
import sysconfig
from functools import cache
from pathlib import Path

from autograder import ROOT
from autograder.experiments import experiments

INSIDE = Path(__file__).resolve().parent / "inside"
SYSTEM_FOLDERS = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/etc/ld.so.cache")


def environment(scratch: str) -> dict[str, str]:
    """Return all the environment variables that a worker gets."""
    home = {"HOME": scratch, "TMPDIR": scratch}
    fixed = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
    # A fork copies the page table, which huge pages make short: 9 ms for 43 with torch imported.
    pages = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **fixed, **pages, **home}


def python(program: str, *arguments: str) -> list[str]:
    """Return the command line of one of a worker's programs."""
    return [sys.executable, "-s", "-P", "-B", program, *arguments]


def worker_files(folder: Path) -> None:
    """Lay out what a worker runs from: itself, what it shares with the checks, and given code."""
    (folder / "given").mkdir(parents=True)
    checks = ROOT / "tests" / "public"
    for source in [*INSIDE.glob("*.py"), *checks.glob("toy_models*.py"), checks / "footprint.py"]:
        shutil.copy(source, folder)
    for name in given_files():
        (folder / "given" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "solution" / name, folder / "given" / name)
    for path in [folder, *folder.rglob("*")]:  # whatever the umask and the modes of the sources
        path.chmod(0o755 if path.is_dir() else 0o644)


@cache
def given_files() -> tuple[str, ...]:
    """Return given modules that trusted children import, with their packages, as in solution/."""
    modules = {Path(*name.split(".")) for e in experiments().values() for name in e.given}
    packages = {folder for module in modules for folder in module.parents[:-1]}
    files = [module.with_suffix(".py") for module in modules]
    files += [package / "__init__.py" for package in packages]
    return tuple(sorted(file.as_posix() for file in files))


@cache
def readable_folders() -> tuple[str, ...]:
    """Return the folders that the interpreter and its libraries need: the system's, Python's."""
    python = {sys.base_prefix, sys.prefix, sysconfig.get_path("purelib"), *site.getsitepackages()}
    python.add(os.path.dirname(os.path.realpath(sys.executable)))
    python |= set(map(os.path.realpath, python))  # a link leads nowhere without what it points to
    found: list[str] = []
    for folder in [*SYSTEM_FOLDERS, *sorted(python)]:
        inside = any(os.path.commonpath([folder, outer]) == outer for outer in found)
        if os.path.exists(folder) and not inside:
            found.append(folder)
    return tuple(found)


def bubblewrap(
    mounts: list[str], user: int, program: list[str], *options: str, as_user: bool = True
) -> list[str]:
    """Return the command line that runs a program confined.

    The first process in there, which outlives each check, is nothing that a check could write into:
    bwrap itself as root; without root, where it would be the same user's, the program, which has to
    make itself undumpable.

    Args:
        user: whom the program becomes inside, where this process is root; else what it seems to be.
        options: more of bwrap's.
        as_user: False to let it stay root, without capabilities, where this process is root.
    """
    command = [
        "bwrap",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    for name, value in environment("/scratch").items():
        command += ["--setenv", name, value]
    for folder in readable_folders():
        for parent in reversed(Path(folder).parents[:-1]):
            command += ["--perms", "0755", "--dir", str(parent)]
        if os.path.islink(folder):
            command += ["--symlink", os.readlink(folder), folder]
        else:
            command += ["--ro-bind", folder, folder]
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    command += ["--perms", "1777", "--size", str(64 << 20), "--tmpfs", "/scratch"]
    command += [*mounts, "--remount-ro", "/", *options]
    if os.geteuid() != 0:
        command += ["--unshare-user", "--disable-userns", "--uid", str(user), "--gid", str(user)]
        return [*command, "--as-pid-1", *program]
    if not as_user:
        return [*command, "--cap-drop", "ALL", *program]
    drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return [*command, *drop, "--no-new-privs", *program]
