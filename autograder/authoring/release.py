"""solution/, tests/public/ and data/ into assignment/: the one way students' files are made."""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.handout import handout, makefile, words
from autograder.authoring.notebook import (
    imports_of,
    questions_of,
    render,
    source_notebook,
    student_notebook,
)
from autograder.authoring.selection import PACKAGE, RELEASED, TESTS, Selection
from autograder.authoring.stubs import without_solutions
from autograder.course import Course, CourseError, load_course, public_part
from autograder.experiments import experiments
from autograder.fields import read_bytes, read_text
from autograder.files import write_zip

PROJECT = "solution/pyproject.toml"
TOP_LEVEL = {
    "pyproject.toml": PROJECT,
    "uv.lock": "solution/uv.lock",
    "colab.ipynb": "solution/colab.ipynb",
    ".devcontainer/devcontainer.json": "solution/.devcontainer/devcontainer.json",
    ".gitignore": "solution/.gitignore",
    ".github/workflows/checks.yml": "solution/.github/workflows/checks.yml",
}
IGNORED = {
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".hypothesis",
    ".ruff_cache",
    "figures",
    ".ipynb_checkpoints",
}


@dataclass(frozen=True)
class Released:
    """One file of the assignment, and the file that it is made from."""

    content: bytes
    source: str


def release(root: Path, course: Course | None = None, target: Path | None = None) -> list[str]:
    """Write the assignment and remove what is stale in it; return the files in it, sorted.

    Args:
        root: the repository.
        course: whose parts are on; None is that of course.toml.
        target: the folder to write; None is assignment/.

    Raises:
        CourseError: the course or a marker is wrong; nothing has been written then.
    """
    built, folder = build(root, course), target or root / "assignment"
    for name, released in built.items():
        file = folder / name
        if not file.is_file() or file.read_bytes() != released.content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(released.content)
    for name in _present(folder):
        if name not in built and _is_generated(name):
            (folder / name).unlink()
    return list(built)


def check_release(root: Path) -> list[str]:
    """Return one line per file of assignment/ that is not what `release` would write."""
    built, present = build(root), _present(root / "assignment")
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


def build(root: Path, course: Course | None = None) -> dict[str, Released]:
    """Return all files of the assignment by their name in it, sorted; write nothing."""
    course = course or load_course(root / "course.toml")
    report = source_notebook(root, course)
    chosen = Selection(root, course, imports_of(report))
    known = words(course, questions_of(report), chosen.commands)
    made = {
        "tasks.toml": (public_part(course), "course.toml"),
        "requirements.txt": (requirements(root, course), PROJECT),
        "report.ipynb": (render(student_notebook(report)), "solution/report.ipynb"),
        "README.md": (handout(root, course, known), "solution/HANDOUT.md"),
        "Makefile": (makefile(root, known), "solution/Makefile"),
    }
    for source, text in chosen.kept.items():
        made[_name(source)] = (without_solutions(text, source, course), source)
    built = {name: Released(text.encode(), source) for name, (text, source) in made.items()}
    for name, source in [*TOP_LEVEL.items(), *((_name(other), other) for other in chosen.others)]:
        built[name] = Released(read_bytes(root, source), source)
    for source in _data_files(root, chosen):
        built[source] = Released(read_bytes(root, source), source)
    text = without_solutions(read_text(root, "data/README.md"), "data/README.md", course)
    built["data/README.md"] = Released(text.encode(), "data/README.md")
    return dict(sorted(built.items()))


def requirements(root: Path, course: Course) -> str:
    """Return the students' requirements.txt, for those who use pip, made from pyproject.toml.

    It holds the dependencies and, of the optional ones, those named after parts that are on.

    Raises:
        CourseError: that is no TOML, or lacks the dependencies or the index of PyTorch's builds.
    """
    try:
        project = tomllib.loads(read_text(root, PROJECT))
        lines = list(project["project"]["dependencies"])
        indexes = [index["url"] for index in project["tool"]["uv"]["index"]]
    except (KeyError, ValueError) as error:
        raise CourseError(
            f"{PROJECT} lacks the dependencies or the index of uv ({error}): correct it"
        ) from None
    extras = project["project"].get("optional-dependencies", {})
    lines += [line for part in course.parts for line in extras.get(part.name, [])]
    head = ["# Made from pyproject.toml. PyTorch without CUDA is in an index of its own."]
    return "\n".join([*head, *(f"--extra-index-url {url}" for url in indexes), *lines, ""])


def _name(source: str) -> str:
    """Return the name in the assignment of a file of solution/rdlab or tests/public."""
    for folder, target in ((PACKAGE, "rdlab"), (TESTS, "tests")):
        if source.startswith(f"{folder}/"):
            return f"{target}{source.removeprefix(folder)}"
    raise ValueError(source)


def _data_files(root: Path, chosen: Selection) -> Iterator[str]:
    """Yield the names of the data files, and of fixed weights that a released module names."""
    yield "data/SHA256SUMS"
    for file in sorted((root / "data").glob("*.gz")):
        yield f"data/{file.name}"
    for file in sorted((root / "data").glob("*.safetensors")):
        if any(file.name in text for text in chosen.kept.values()):
            yield f"data/{file.name}"


def _present(top: Path) -> list[str]:
    names = []
    ignored = IGNORED | {experiment.folder for experiment in experiments().values()}
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in ignored]
        names += [(Path(folder) / file).relative_to(top).as_posix() for file in files]
    return sorted(names)


def _is_generated(name: str) -> bool:
    """Return whether a file that nothing gives any more was once released, and may be removed."""
    folder, _, _ = name.partition("/")
    return folder == "data" or (folder in ("rdlab", "tests") and Path(name).suffix in RELEASED)


def _first_difference(old: bytes, new: bytes) -> str:
    """Return ":41" where the first differing line is the 41st, and "" for binary files."""
    if b"\0" in old + new:
        return ""
    pairs = zip(old.split(b"\n"), new.split(b"\n"), strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
    line = min(old.count(b"\n"), new.count(b"\n")) if same is None else same
    return f":{line + 1}"
