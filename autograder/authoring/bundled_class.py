"""The bundled class: submissions made from the assignment and what each student wrote.

A folder with class.toml holds a table per student; beside it, in a folder of the student's name,
lie only the functions that are the student's own, in files named like the modules they belong to.
"""

import ast
import json
import runpy
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.release import build
from autograder.authoring.selection import parsed, source_of
from autograder.authoring.stubs import without_solutions
from autograder.course import Course, CourseError
from autograder.experiments import experiments
from autograder.fields import check_fields, read_text, read_toml
from autograder.files import write_zip

SETTINGS = "class.toml"
KINDS = ("folder", "zip", "tar.gz")


@dataclass(frozen=True)
class Student:
    """A student of a bundled class, as class.toml describes it.

    Args:
        kind: of what is handed in.
        solved: parts whose functions are those of the reference, but for the student's own.
        runs: whether the reference's runs are handed in; the student's own, if there are some,
            take their place, and an alter.py with a function `alter(runs)` changes them.
        report: whether a report is handed in.
        answers: to its questions, by the id of the cell.
    """

    kind: str = "folder"
    solved: tuple[int, ...] = ()
    runs: bool = False
    report: bool = False
    answers: dict[str, str] | None = None


def lay_out_class(folder: Path, target: Path, root: Path, course: Course) -> Path:
    """Make the submissions of a bundled class in `target`, which is emptied first.

    Raises:
        CourseError: class.toml, or a student's file, is wrong.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, student in _students(folder).items():
        submission = target / name
        for path, content in _files(folder / name, student, root, course).items():
            (submission / path).parent.mkdir(parents=True, exist_ok=True)
            (submission / path).write_bytes(content)
        _add_runs(folder / name, student, root, course, submission)
        _pack(submission, student.kind)
    return target


def _students(folder: Path) -> dict[str, Student]:
    optional = {"kind": str, "solved": list, "runs": bool, "report": bool, "answers": dict}
    students = {}
    for name, table in read_toml(folder / SETTINGS).items():
        check_fields(table, f"{SETTINGS} [{name}]", {}, optional)
        if table.get("kind", "folder") not in KINDS:
            raise CourseError(f"{SETTINGS} [{name}]: kind is one of {', '.join(KINDS)}")
        students[name] = Student(**table | {"solved": tuple(table.get("solved", ()))})
    return students


def _files(own: Path, student: Student, root: Path, course: Course) -> dict[str, bytes]:
    """Return what a student hands in, but for the runs: path in the submission → content."""
    solved = {task.id for task in course.tasks if task.part in student.solved}
    modules = {source_of(task) for task in course.tasks if task.module}
    files = {}
    for name, released in build(root, course).items():
        text = released.content
        if released.source in modules:
            source = read_text(root, released.source)
            kept = without_solutions(source, released.source, course, solved)
            text = _with_own(kept, own / Path(name).name).encode()
        if name.startswith("rdlab/") and name.endswith(".py"):
            files[name] = text
        elif name == "report.ipynb" and student.report:
            files[name] = _answered(text, student.answers or {})
    return files


def _with_own(text: str, file: Path) -> str:
    return spliced(text, file.read_text(encoding="utf-8"), file.name) if file.is_file() else text


def spliced(text: str, own: str, source: str) -> str:
    """Return a module in which a student's functions take the place of those of their names.

    A function keeps the module's docstring unless it has one. Imports join the module's imports;
    what else the student wrote comes last.

    Raises:
        CourseError: one of them is no Python.
    """
    lines, own_lines = text.split("\n"), own.split("\n")
    tree = parsed(text, source)
    known = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imports, last, changes = [], [], []
    for node in parsed(own, source).body:
        written = own_lines[node.lineno - 1 : node.end_lineno]
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports += written
        elif isinstance(node, ast.FunctionDef) and node.name in known:
            changes.append((known[node.name], _with_docstring(node, own_lines, known, lines)))
        else:
            last += ["", "", *written]
    for node, written in sorted(changes, key=lambda change: -change[0].lineno):
        lines[node.lineno - 1 : node.end_lineno] = written
    places = [
        node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    place = max(places, default=0)
    lines[place:place] = imports
    return "\n".join([*lines[:-1], *last, ""])


def _with_docstring(node: ast.FunctionDef, own: list[str], known: dict, lines: list[str]) -> list:
    first, given = node.body[0].lineno - 1, known[node.name]
    docstring = []
    if ast.get_docstring(given) and not ast.get_docstring(node):
        docstring = lines[given.body[0].lineno - 1 : given.body[0].end_lineno]
    return own[node.lineno - 1 : first] + docstring + own[first : node.end_lineno]


def _answered(report: bytes, answers: dict[str, str]) -> bytes:
    notebook = json.loads(report)
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]].splitlines(keepends=True)
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode()


def _add_runs(own: Path, student: Student, root: Path, course: Course, submission: Path) -> None:
    for experiment in (experiments()[task.experiment] for task in course.tasks if task.experiment):
        source = own / experiment.folder
        if not source.is_dir() and student.runs:
            source = root / "solution" / experiment.folder
        if source.is_dir():
            shutil.copytree(source, submission / experiment.folder)
    if (own / "alter.py").is_file():
        runpy.run_path(str(own / "alter.py"))["alter"](submission / "runs")


def _pack(submission: Path, kind: str) -> None:
    """Replace a submission's folder by an archive, where that is what is handed in."""
    if kind == "folder":
        return
    archive = submission.with_name(f"{submission.name}.{kind}")
    if kind == "zip":
        files = [file for file in sorted(submission.rglob("*")) if file.is_file()]
        named = {file.relative_to(submission).as_posix(): file.read_bytes() for file in files}
        write_zip(archive, named)
    else:
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(submission, submission.name)
    shutil.rmtree(submission)
