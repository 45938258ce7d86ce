"""Take the solution out of a file: what students get in its place.

A block between `# BEGIN SOLUTION` and `# END SOLUTION` (`<!-- … -->` in Markdown) is taken out. In
a task function, or in a method of the class that a task names with `writes`, it leaves a TODO and a
NotImplementedError; in the body of such a class an `__init__` that raises it; elsewhere nothing.
In a module whose part is off only the markers go.
"""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.selection import parsed, source_of
from autograder.course import Course, CourseError, Task
from autograder.text import points_in_words

MARKERS = {
    ".py": re.compile(r"( *)# (BEGIN|END) SOLUTION"),
    ".md": re.compile(r"( *)<!-- (BEGIN|END) SOLUTION -->"),
}
ALMOST_A_MARKER = re.compile(r"(#|<!--)\W*(begin|end)\W{0,3}solutions?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """Lines first to last, both markers included, counted from 0."""

    first: int
    last: int
    indent: str

    def holds(self, node: ast.stmt) -> bool:
        """Return whether a definition stands within the block."""
        return self.first < node.lineno - 1 <= self.last

    def is_in(self, node: ast.stmt) -> bool:
        """Return whether the block begins within a definition."""
        return node.lineno <= self.first < (node.end_lineno or 0)


GIVEN = "# Given and complete: its part of the course is left out, and other code needs it."


def without_solutions(text: str, source: str, course: Course, solved: Collection[str] = ()) -> str:
    """Return a file as students get it.

    Args:
        text: of a .py or .md file.
        source: its name from the repository's root.
        course: its tasks decide what becomes of a block.
        solved: ids of tasks that keep their solution, and with it what is between functions.

    Raises:
        CourseError: a marker is misplaced, or a task function has no block.
    """
    lines = text.split("\n")
    suffix = Path(source).suffix
    blocks = _blocks(lines, source, MARKERS[suffix])
    if suffix == ".md":
        for block in reversed(blocks):
            _remove(lines, block)
        return "\n".join(lines)
    tree = parsed(text, source)
    owners = _owners(blocks, tree, source, course)
    if any(source_of(task) == source for task in course.tasks_off):
        for block in reversed(blocks):
            del lines[block.last], lines[block.first]
        return _compiled("\n".join([GIVEN, *lines]), source)
    helps = any(task.id in solved for task in owners if task)
    for block, task in reversed(list(zip(blocks, owners, strict=True))):
        if task.id in solved if task else helps:
            del lines[block.last], lines[block.first]
        elif task is None:
            _remove(lines, block)
        elif cls := _class_around(block, tree):
            lines[block.first : block.last + 1] = _class_stub(task, block, cls)
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


def _owners(
    blocks: list[Block], tree: ast.Module, source: str, course: Course
) -> list[Task | None]:
    """Return the task of each block, None at module level.

    Every task function, or the class that the task writes in its place, must have a block.
    """
    defined = {
        (type(node), node.name): node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    tasks = {task.written: task for task in course.all_tasks if source_of(task) == source}
    for task in tasks.values():
        for kind, word, name in _asked_for(task):
            if (kind, name) not in defined:
                raise CourseError(
                    f"{source} does not define {name}, which course.toml names as "
                    f"the {word} of task {task.id}: write it"
                )
    owners = [_owner(block, tree, tasks, source) for block in blocks]
    for task in tasks.values():
        node = defined[ast.ClassDef if task.writes else ast.FunctionDef, task.written]
        own = [block for block, owner in zip(blocks, owners, strict=True) if owner is task]
        if not own or (isinstance(node, ast.ClassDef) and not _blanks_init(own, node)):
            what = f"the __init__ of {task.writes}" if own else task.written
            raise CourseError(
                f"{source}:{node.lineno}: {what} (task {task.id}) has no solution block: mark one"
            )
    return owners


def _asked_for(task: Task) -> list[tuple[type, str, str | None]]:
    """Return kind and name of what a task's module must define."""
    function = (ast.FunctionDef, "function", task.name)
    return [function, (ast.ClassDef, "class", task.writes)] if task.writes else [function]


def _owner(block: Block, tree: ast.Module, tasks: dict, source: str) -> Task | None:
    around = [node for node in tree.body if block.is_in(node)]
    if not around and not block.indent:
        return None
    if around and block.indent and isinstance(around[0], ast.FunctionDef | ast.ClassDef):
        ends_inside = all(
            node.lineno > block.last for node in tree.body if node.lineno > around[0].lineno
        )
        task = tasks.get(around[0].name)
        if task and ends_inside and isinstance(around[0], _asked_for(task)[-1][0]):
            return task
    raise CourseError(
        f"{source}:{block.first + 1}: a solution block stands in a task function or between "
        "definitions of the module: move it, or name the function in course.toml"
    )


def _class_around(block: Block, tree: ast.Module) -> ast.ClassDef | None:
    """Return the class whose body contains a block, None where it is in a method or in no class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and block.is_in(node):
            methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
            return None if any(block.is_in(method) for method in methods) else node
    return None


def _inits(cls: ast.ClassDef) -> list[ast.FunctionDef]:
    methods = [node for node in cls.body if isinstance(node, ast.FunctionDef)]
    return [method for method in methods if method.name == "__init__"]


def _blanks_init(blocks: list[Block], cls: ast.ClassDef) -> bool:
    """Return whether the stub of a class raises in its __init__."""
    inits = _inits(cls)
    inside = any(block.is_in(init) or block.holds(init) for block in blocks for init in inits)
    return inside or not inits


def _stub(task: Task, indent: str) -> list[str]:
    return [
        f"{indent}# TODO (task {task.id}, {points_in_words(task.points)}): {task.title}",
        f'{indent}raise NotImplementedError("Task {task.id}: {task.written}")',
    ]


def _class_stub(task: Task, block: Block, cls: ast.ClassDef) -> list[str]:
    """Return what is left of a block in a class's body: an `__init__` that raises, if it has none.

    Its arguments are those of the solution's own, where that stands in the block.
    """
    inits = _inits(cls)
    if any(not block.holds(init) for init in inits):
        return []
    own = ast.unparse(inits[0].args) if inits else "self, *args, **kwargs"
    body = _stub(task, block.indent + "    ")
    return [f"{block.indent}def __init__({own}):", *body]


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
