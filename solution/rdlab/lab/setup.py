"""Install what the lab needs. Given code; it imports nothing that has to be installed."""

import os
import platform
import re
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

from rdlab.lab.errors import LabError

CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
PYTORCH = ("torch", "torchvision")
NOT_HERE = "jupyterlab"
"""Whoever installs into a given Python, as on Colab, has a notebook already."""


def setup(root: Path, *, cuda: bool = False, here: bool = False) -> int:
    """Install the packages of requirements.txt; return 0.

    They go into the virtual environment that runs this, or into a new one in `root/.venv`. On
    Linux PyTorch is the build for processors, without gigabytes of CUDA.

    Args:
        root: the assignment's folder.
        cuda: on Linux, take PyPI's build of PyTorch, which has CUDA.
        here: install into this very Python, keep what it has and add only what is missing.

    Raises:
        LabError: there can be no environment, or a package cannot be installed.
    """
    _refuse_unserved()
    wanted = requirements(root / "requirements.txt")
    if here:
        wanted = [line for line in wanted if not _is_installed(line) and name(line) != NOT_HERE]
    python = Path(sys.executable) if here or in_environment() else _environment(root / ".venv")
    pytorch = [line for line in wanted if name(line) in PYTORCH]
    if pytorch and sys.platform == "linux" and not cuda:
        _install_cpu_builds(python, pytorch)
    if wanted and _pip(python, *wanted):
        raise LabError("not everything was installed, see above; the same command goes on.")
    print(f"All is installed. Go on with: {_shown(python)} -m rdlab check")
    return 0


def requirements(path: Path) -> list[str]:
    """Return the requirements in a file for pip, without its options and comments.

    Raises:
        LabError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise LabError(f"{path} cannot be read: unpack the assignment again.") from error
    return [line.strip() for line in lines if line.strip() and line.strip()[0] not in "#-"]


def name(requirement: str) -> str:
    """Return the package that a requirement is of: "numpy" of "numpy==2.4.6"."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def in_environment() -> bool:
    """Return whether this Python is that of a virtual environment."""
    return sys.prefix != sys.base_prefix


def environment_python(folder: Path) -> Path:
    """Return where the interpreter of a virtual environment is."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _refuse_unserved() -> None:
    """Refuse what PyTorch has no build for, before pip says so at length."""
    version = sys.version.split()[0]
    if version == "3.14.1":
        raise LabError("torchvision does not run on Python 3.14.1: install a later 3.14, or 3.13.")
    if not sys.maxsize > 2**32:
        raise LabError("this Python has 32 bits, PyTorch needs 64: install one of python.org.")
    machine = platform.machine()
    served = {"linux": ("x86_64", "aarch64"), "darwin": ("arm64",), "win32": ("AMD64",)}
    if machine not in served.get(sys.platform, (machine,)):
        raise LabError(
            f"PyTorch is no longer built for {machine} on {sys.platform}: work on another "
            "computer, on Colab or in a codespace."
        )


def _is_installed(requirement: str) -> bool:
    try:
        metadata.version(name(requirement))
    except metadata.PackageNotFoundError:
        return False
    return True


def _environment(folder: Path) -> Path:
    python = environment_python(folder)
    if python.is_file():
        return python
    print(f"making a virtual environment: {folder.name}", flush=True)
    try:
        venv.create(folder, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LabError(
            f"no virtual environment can be made in {folder} ({error}): on Debian and Ubuntu give "
            "sudo apt install python3-venv, then the same command again."
        ) from error
    return python


def _install_cpu_builds(python: Path, pytorch: list[str]) -> None:
    options = ("--no-deps", "--retries", "1", "--index-url", CPU_BUILDS)
    if _pip(python, *options, *pytorch, quiet=True):
        print(
            f"{CPU_BUILDS} does not answer: taking PyTorch from PyPI, where it comes with CUDA "
            "(2.8 GB).",
            flush=True,
        )


def _pip(python: Path, *words: str, quiet: bool = False) -> int:
    """Run `pip install`, and return its exit code."""
    if subprocess.run([python, "-c", "import pip"], stderr=subprocess.DEVNULL).returncode:
        subprocess.run([python, "-m", "ensurepip"], stdout=subprocess.DEVNULL)  # uv makes it so
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", *words]
    return subprocess.run(command, stderr=subprocess.DEVNULL if quiet else None).returncode


def _shown(python: Path) -> str:
    """Return the path as one would type it here; "python" for the one that runs this."""
    if python == Path(sys.executable):
        return "python"
    return str(python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python)
