"""The text of a submission's task modules, kept beside its record: similarity reads it there."""

import json
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.files import write_whole

MODULES_FILE = "modules.json"
MAX_BYTES = 50_000
"""Longer modules are not kept."""


def module_files(course: Course) -> list[str]:
    """Return the files of all task functions, such as rdlab/gaussian.py, sorted."""
    names = {task.module for task in course.tasks if task.module}
    return [f"{name.replace('.', '/')}.py" for name in sorted(names)]


def module_texts(folder: Path, course: Course) -> dict[str, str]:
    """Return the text of each task module in a collected submission, by file."""
    files = {file: folder / file for file in module_files(course)}
    return {
        file: path.read_text(encoding="utf-8", errors="replace")
        for file, path in files.items()
        if path.is_file() and path.stat().st_size <= MAX_BYTES
    }


def write_modules(folder: Path, sha256: str, texts: dict[str, str]) -> None:
    """Keep the texts in the folder of a record; `sha256` says of which submission they are."""
    content = {"sha256": sha256, "modules": texts}
    write_whole(folder / MODULES_FILE, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_modules(folder: Path, sha256: str) -> dict[str, str] | None:
    """Return the kept texts of this very submission; None where there are none that can be read."""
    try:
        content = json.loads((folder / MODULES_FILE).read_bytes())
        texts = content["modules"] if content["sha256"] == sha256 else None
        return None if texts is None else {str(file): str(texts[file]) for file in texts}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def earlier_modules(folder: Path, course: Course) -> dict[str, dict[str, str]]:
    """Return the task modules of earlier terms, by "folder of the term/student".

    Args:
        folder: at any depth in it folders that `grade` wrote, with modules.json, or submissions as
            folders with an `rdlab/`.
        course: whose modules are looked for.

    Raises:
        CourseError: there is no such folder, or no submission in it.
    """
    kept = {path.parent: _kept(path) for path in folder.rglob(MODULES_FILE)}
    unpacked = {
        path.parent: module_texts(path.parent, course)
        for path in folder.rglob("rdlab")
        if path.is_dir() and path.parent not in kept
    }
    found = {
        path.relative_to(folder).as_posix(): texts
        for path, texts in (unpacked | kept).items()
        if texts
    }
    if not found:
        raise CourseError(
            f"earlier in course.toml: {folder} holds no submissions: name a folder of earlier "
            "grades/ or of unpacked submissions"
        )
    return found


def _kept(path: Path) -> dict[str, str]:
    try:
        texts = json.loads(path.read_bytes())["modules"]
        return {str(file): str(texts[file]) for file in texts}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
