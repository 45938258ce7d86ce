"""Given code is the course's own: what is missing is supplied, what was changed is replaced."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

from autograder import ROOT
from autograder.course import Course
from autograder.intake.modules import module_files
from autograder.intake.submission import Intake

RELEASED = "assignment/rdlab/**/*.py"
"""What students got, from the repository's root."""


def supply(intake: Intake, folder: Path, course: Course) -> Intake:
    """Put the released files in place of those that are missing, or given and changed.

    Files of task functions are the student's; a missing one is the released stub, so that its
    tasks are not started. Files that were not released stay as they are.

    Args:
        intake: what was taken in.
        folder: where it lies.

    Returns:
        The intake that also names the missing task modules and the changed given files.
    """
    tasks, missing, changed = set(module_files(course)), [], []
    for name, content in released_files().items():
        target = folder / name
        if not target.is_file():
            missing += [name] if name in tasks else []
        elif name in tasks or _same(target.read_bytes(), content):
            continue
        else:
            changed.append(name)
        _put(folder, name, content)
    return replace(intake, missing=tuple(missing), changed=tuple(changed))


@cache
def released_files() -> dict[str, bytes]:
    """Return the released files of `rdlab/`, by their path in a submission."""
    files = sorted(ROOT.glob(RELEASED))
    return {file.relative_to(ROOT / "assignment").as_posix(): file.read_bytes() for file in files}


def _same(theirs: bytes, ours: bytes) -> bool:
    """Return whether files are equal but for line ends, a byte order mark, spaces at line ends.

    That is what editors and git change by themselves.
    """
    return _plain(theirs) == _plain(ours)


def _plain(content: bytes) -> list[bytes]:
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    return b"\n".join(line.rstrip() for line in lines).rstrip().splitlines()


def _put(folder: Path, name: str, content: bytes) -> None:
    """Write a file that the worker can read, whatever the umask."""
    target = folder / name
    if target.is_dir():  # somebody called a folder so
        shutil.rmtree(target)
    for above in [*reversed(Path(name).parents)][1:]:
        (folder / above).mkdir(exist_ok=True)
        (folder / above).chmod(0o755)
    target.write_bytes(content)
    target.chmod(0o644)
