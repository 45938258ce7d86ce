"""What is kept of a submission beside its record: its date, its modules, digests of its weights.

The search for similar passages and the class report read it there: nothing is unpacked again.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from autograder import ROOT, typed_json
from autograder.course import Course, CourseError
from autograder.files import write_whole
from autograder.intake.lexing import lexed_lines

MODULES_FILE = "modules.json"
MAX_BYTES, MAX_ALL_BYTES = 50_000, 1_000_000
"""Longer modules are not kept, and of very many not all."""
RELEASED = ("assignment", "solution")
"""Folders with an rdlab/; modules that are as they stand there are nobody's own."""


@dataclass(frozen=True)
class Module:
    """A module that a student wrote or changed."""

    text: str
    lines: tuple[str, ...]
    """The tokens of each of its lines, as `lexed_lines` gives them."""


@dataclass(frozen=True)
class Kept:
    """What is kept of a submission."""

    modified: float | None = None
    """The newest time of its files, in seconds since 1970, as its student's clock had it."""
    modules: dict[str, Module] = field(default_factory=dict)
    """By file, such as rdlab/gaussian.py: those that Python can read, unless as released."""
    weights: dict[str, str] = field(default_factory=dict)
    """SHA-256 by file, of trained models."""
    fingerprints: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """What `weights_fingerprint` gives of the same files, where that is anything."""


def module_files(course: Course) -> list[str]:
    """Return the files of all task functions, such as rdlab/gaussian.py, sorted."""
    names = {task.module for task in course.tasks if task.module}
    return [f"{name.replace('.', '/')}.py" for name in sorted(names)]


def keep_module(folder: Path, file: str, most: int = MAX_BYTES) -> Module | None:
    """Return what is kept of a module of a collected submission: None if too long or as released.

    Args:
        most: bytes.
    """
    size = (folder / file).stat().st_size
    if size > min(MAX_BYTES, most) or _is_released(folder, file):
        return None
    text = (folder / file).read_text(encoding="utf-8-sig", errors="replace")
    return Module(text, lexed_lines(text))


def _is_released(folder: Path, file: str) -> bool:
    places = [ROOT / name / file for name in RELEASED]
    content = (folder / file).read_bytes()
    return any(place.is_file() and place.read_bytes() == content for place in places)


def write_kept(folder: Path, sha256: str, kept: Kept) -> None:
    """Keep it in the folder of a record; `sha256` says of which submission it is."""
    content = {"sha256": sha256, **typed_json.to_json(kept)}
    write_whole(folder / MODULES_FILE, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_kept(folder: Path, sha256: str) -> Kept | None:
    """Return what is kept of this very submission; None where there is nothing that can be read."""
    try:
        content = json.loads((folder / MODULES_FILE).read_bytes())
        if content.pop("sha256") != sha256:
            return None
        return typed_json.from_json(Kept, content)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None


def earlier_kept(folder: Path, course: Course) -> dict[str, Kept]:
    """Return what there is of earlier terms' submissions, by "folder of the term/student".

    Args:
        folder: at any depth in it folders that `grade` wrote, with modules.json, or submissions as
            folders with an `rdlab/`, of which the task modules are read.

    Raises:
        CourseError: there is no such folder, or no submission in it.
    """
    graded = {path.parent: _of_earlier(path) for path in folder.rglob(MODULES_FILE)}
    unpacked = {
        path.parent: _unpacked(path.parent, course)
        for path in folder.rglob("rdlab")
        if path.is_dir() and path.parent not in graded
    }
    found = {
        path.relative_to(folder).as_posix(): kept
        for path, kept in (unpacked | graded).items()
        if kept.modules or kept.weights
    }
    if not found:
        raise CourseError(
            f"earlier in course.toml: {folder} holds no submissions: name a folder of earlier "
            "grades/ or of unpacked submissions"
        )
    return found


def _of_earlier(path: Path) -> Kept:
    """Return the content of a modules.json, also of an earlier version's: texts by file."""
    try:
        content = json.loads(path.read_bytes())
        content.pop("sha256", None)
        modules = content["modules"]
        if all(isinstance(text, str) for text in modules.values()):
            return Kept(
                None, {file: Module(text, lexed_lines(text)) for file, text in modules.items()}
            )
        return typed_json.from_json(Kept, content)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return Kept()


def _unpacked(folder: Path, course: Course) -> Kept:
    files = [file for file in module_files(course) if (folder / file).is_file()]
    modules = {file: module for file in files if (module := keep_module(folder, file))}
    return Kept(None, modules)
