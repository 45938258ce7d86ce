"""solution/, tests/public/ and data/ into assignment/: the one way students' files are made.

A block between `# BEGIN SOLUTION` and `# END SOLUTION` (`<!-- … -->` in Markdown) is taken out.
In a task function it leaves a TODO and a NotImplementedError, elsewhere nothing.
"""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.notebook import render, student_notebook
from autograder.course import Course, CourseError, Task, load_course, public_part
from autograder.files import write_zip

TOP_LEVEL = {
    "README.md": "solution/HANDOUT.md",
    "Makefile": "solution/Makefile",
    "requirements.txt": "solution/requirements.txt",
    ".gitignore": "solution/.gitignore",
    ".github/workflows/checks.yml": "solution/.github/workflows/checks.yml",
}
RELEASED = {".py", ".md", ".html", ".css", ".js", ".txt"}
REPORT = "solution/report.ipynb"
IGNORED = {
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".hypothesis",
    ".ruff_cache",
    "runs",
    "figures",
    ".ipynb_checkpoints",
}

PYPROJECT = """\
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "--import-mode=importlib"
pythonpath = ["tests", "."]
markers = ["task(id): the task that a check belongs to"]
"""


@dataclass(frozen=True)
class Released:
    """One file of the assignment, and the file that it is made from."""

    content: bytes
    source: str


def release(root: Path) -> list[str]:
    """Write assignment/ and remove what is stale in it; returns the files in it, sorted.

    Raises:
        CourseError: the course or a marker is wrong; nothing has been written then.
    """
    built = build(root)
    for name, released in built.items():
        target = root / "assignment" / name
        if not target.is_file() or target.read_bytes() != released.content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(released.content)
    for name in _present(root):
        if name not in built and _is_generated(name):
            (root / "assignment" / name).unlink()
    return list(built)


def check_release(root: Path) -> list[str]:
    """One line per file of assignment/ that is not what `release` would write."""
    built, present = build(root), _present(root)
    lines = []
    for name, released in built.items():
        if name not in present:
            lines.append(f"assignment/{name} is missing: run make release")
        elif (content := (root / "assignment" / name).read_bytes()) != released.content:
            lines.append(
                f"assignment/{name}{_first_difference(content, released.content)} differs from "
                f"what {released.source} gives: run make release"
            )
    for name in present:
        if name not in built:
            remedy = "run make release" if _is_generated(name) else "remove it"
            lines.append(f"assignment/{name} is made from nothing in solution/: {remedy}")
    return lines


def pack(root: Path) -> Path:
    """Write dist/assignment.zip, for students: the same bytes for the same course."""
    files = {f"assignment/{name}": released.content for name, released in build(root).items()}
    return write_zip(root / "dist" / "assignment.zip", files)


def build(root: Path) -> dict[str, Released]:
    """All files of the assignment by their name in it, sorted; writes nothing."""
    course = load_course(root / "course.toml")
    built = {
        "tasks.toml": Released(public_part(course).encode(), "course.toml"),
        "pyproject.toml": Released(PYPROJECT.encode(), "autograder/release.py"),
    }
    report = student_notebook(_text(_read(root, REPORT), REPORT), REPORT, course)
    built["report.ipynb"] = Released(render(report).encode(), REPORT)
    for name, source in _sources(root):
        content = _read(root, source)
        if name.endswith((".py", ".md")):
            content = _without_solutions(_text(content, source), source, course).encode()
        built[name] = Released(content, source)
    return dict(sorted(built.items()))


def _sources(root: Path) -> Iterator[tuple[str, str]]:
    """(name in the assignment, name in the repository)."""
    yield from TOP_LEVEL.items()
    for folder, target in (("solution/rdlab", "rdlab"), ("tests/public", "tests")):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in RELEASED:
                inner = file.relative_to(root / folder).as_posix()
                yield f"{target}/{inner}", f"{folder}/{inner}"
    for name in ("README.md", "SHA256SUMS"):
        yield f"data/{name}", f"data/{name}"
    for file in sorted((root / "data").glob("*.gz")):
        yield f"data/{file.name}", f"data/{file.name}"


def _read(root: Path, source: str) -> bytes:
    try:
        return (root / source).read_bytes()
    except OSError as error:
        raise CourseError(
            f"{source} cannot be read ({error.strerror}): it is released, so write it"
        ) from None


def _text(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise CourseError(f"{source} is not UTF-8: save it as UTF-8") from None


def _present(root: Path) -> list[str]:
    top = root / "assignment"
    names = []
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in IGNORED]
        names += [(Path(folder) / file).relative_to(top).as_posix() for file in files]
    return sorted(names)


def _is_generated(name: str) -> bool:
    """Whether a file that nothing gives any more was once released, and may be removed."""
    folder, _, _ = name.partition("/")
    return folder == "data" or (folder in ("rdlab", "tests") and Path(name).suffix in RELEASED)


def _first_difference(old: bytes, new: bytes) -> str:
    """ ":41" where the first differing line is the 41st; "" for binary files."""
    if b"\0" in old + new:
        return ""
    pairs = zip(old.split(b"\n"), new.split(b"\n"), strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
    line = min(old.count(b"\n"), new.count(b"\n")) if same is None else same
    return f":{line + 1}"


