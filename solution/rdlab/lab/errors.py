"""The one error type whose message is written for the person at the keyboard."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

PYTHONS = (Path(".venv/bin/python"), Path(".venv/Scripts/python.exe"))
"""Where `setup` makes an environment, on Linux or a Mac and on Windows."""
NEEDED = {"torch", "torchvision", "numpy", "matplotlib", "safetensors", "tqdm", "filelock", "PIL"}
NEEDED |= {"constriction", "jupyterlab", "pytest", "hypothesis"}
"""Modules of the packages that `setup` installs."""


class LabError(Exception):
    """Something the user can fix; the message is one sentence that says how."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback."""
        return [f"error: {self}"]


def not_done(error: NotImplementedError) -> LabError:
    """Say which task a stub belongs to and where to open it; raise any other error again."""
    if not str(error).startswith("Task "):
        raise error
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return LabError(f"{error} is not done yet: write it in {frame.filename}:{frame.lineno}.")


def not_installed(error: ModuleNotFoundError) -> LabError:
    """Say how to get a package that `setup` installs; that another is missing is raised again."""
    module = (error.name or "").partition(".")[0]
    if module not in NEEDED:
        raise error
    in_use = Path(sys.prefix) == Path(".venv").resolve()
    made = [path for path in PYTHONS if path.is_file() and not in_use]
    remedy = f"begin the command with {made[0]}" if made else "give python -m rdlab setup first"
    return LabError(f"{module} is not installed in {sys.executable}: {remedy}.")


def attempt(work: Callable[[], Any]) -> tuple[Any, str]:
    """Return what `work` gives, and no sentence; or None and the sentence that names its stub."""
    try:
        return work(), ""
    except NotImplementedError as error:
        return None, str(not_done(error))
