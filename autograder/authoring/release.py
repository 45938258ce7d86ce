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

MARKERS = {
    ".py": re.compile(r"( *)# (BEGIN|END) SOLUTION"),
    ".md": re.compile(r"( *)<!-- (BEGIN|END) SOLUTION -->"),
}
ALMOST_A_MARKER = re.compile(r"(#|<!--)\W*(begin|end)\W{0,3}solutions?\b", re.IGNORECASE)

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


@dataclass(frozen=True)
class Block:
    """Lines first to last, both markers included, counted from 0."""

    first: int
    last: int
    indent: str


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


# Taking the solution out


def _without_solutions(text: str, source: str, course: Course) -> str:
    lines = text.split("\n")
    suffix = Path(source).suffix
    blocks = _blocks(lines, source, MARKERS[suffix])
    if suffix == ".md":
        for block in reversed(blocks):
            _remove(lines, block)
        return "\n".join(lines)
    owners = _owners(blocks, text, source, course)
    for block, task in reversed(list(zip(blocks, owners, strict=True))):
        if task is None:
            _remove(lines, block)
        else:
            lines[block.first : block.last + 1] = _stub(task, block.indent)
    return _compiled("\n".join(lines), source)


def _blocks(lines: list[str], source: str, marker: re.Pattern) -> list[Block]:
    blocks: list[Block] = []
    begin: tuple[int, str] | None = None
    for number, line in enumerate(lines):
        match = marker.fullmatch(line.rstrip())
        if match is None:
            if ALMOST_A_MARKER.search(line):
                raise _misplaced(source, number, "is almost a solution marker: write it exactly")
        elif match[2] == "BEGIN":
            if begin:
                raise _misplaced(source, number, "begins a block inside another: end that first")
            begin = number, match[1]
        else:
            if not begin:
                raise _misplaced(source, number, "ends a block that never began: remove it")
            if match[1] != begin[1]:
                raise _misplaced(source, number, "is not indented like its BEGIN: indent it so")
            blocks.append(Block(begin[0], number, match[1]))
            begin = None
    if begin:
        raise _misplaced(source, begin[0], "begins a block that never ends: write END SOLUTION")
    return blocks


def _misplaced(source: str, number: int, what: str) -> CourseError:
    return CourseError(f"{source}:{number + 1}: this line {what}")


def _owners(blocks: list[Block], text: str, source: str, course: Course) -> list[Task | None]:
    """The task of each block, None at module level; every task function must have a block."""
    tree = _parsed(text, source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    tasks = {task.name: task for task in course.tasks if _file(task) == source}
    for task in tasks.values():
        if task.name not in functions:
            raise CourseError(
                f"{source} does not define {task.name}, which course.toml names as "
                f"the function of task {task.id}: write it"
            )
    owners = [_owner(block, tree, tasks, source) for block in blocks]
    for task in tasks.values():
        if task not in owners:
            raise CourseError(
                f"{source}:{functions[task.name].lineno}: {task.name} (task "
                f"{task.id}) has no solution block: mark one"
            )
    return owners


def _owner(block: Block, tree: ast.Module, tasks: dict, source: str) -> Task | None:
    around = [node for node in tree.body if node.lineno <= block.first < (node.end_lineno or 0)]
    if not around and not block.indent:
        return None
    if around and block.indent and isinstance(around[0], ast.FunctionDef):
        ends_inside = all(
            node.lineno > block.last for node in tree.body if node.lineno > around[0].lineno
        )
        if around[0].name in tasks and ends_inside:
            return tasks[around[0].name]
    raise CourseError(
        f"{source}:{block.first + 1}: a solution block stands in a task function or between "
        "definitions of the module: move it, or name the function in course.toml"
    )


def _file(task: Task) -> str | None:
    return task.module and "solution/" + task.module.replace(".", "/") + ".py"


def _stub(task: Task, indent: str) -> list[str]:
    points = f"{task.points:g} point" + ("" if task.points == 1 else "s")
    return [
        f"{indent}# TODO (task {task.id}, {points}): {task.title}",
        f'{indent}raise NotImplementedError("Task {task.id}: {task.name}")',
    ]


def _remove(lines: list[str], block: Block) -> None:
    """Take the block out, with the blank lines around it that are then too many."""
    start, stop = block.first, block.last + 1
    while start > 0 and not lines[start - 1].strip():
        start -= 1
    while stop < len(lines) and not lines[stop].strip():
        stop += 1
    kept = max(block.first - start, stop - block.last - 1)
    if stop == len(lines):
        kept = 1
    if start == 0:
        kept = 0
    lines[start:stop] = [""] * kept


def _parsed(text: str, source: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"{source}:{error.lineno}: {error.msg}: correct the file") from None


def _compiled(text: str, source: str) -> str:
    try:
        compile(text, source, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise CourseError(
            f"{source}: without its solution blocks it does not compile ({error.msg} "
            f"in line {error.lineno} of what is left): mark whole "
            "statements"
        ) from None
    return text
