"""Take the solution out of a file: what students get in its place.

A block between `# BEGIN SOLUTION` and `# END SOLUTION` (`<!-- … -->` in Markdown) is taken out. In
a task function, or in the class that a task names with `writes`, it leaves a TODO and a
NotImplementedError, elsewhere nothing. In a module whose part is off only the markers go.
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
    owners = _owners(blocks, text, source, course)
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
    tree = parsed(text, source)
    kinds = ast.FunctionDef | ast.ClassDef
    defined = {node.name: node for node in tree.body if isinstance(node, kinds)}
    tasks = {_written(task): task for task in course.all_tasks if source_of(task) == source}
    for name, task in tasks.items():
        if name not in defined or task.name not in defined:
            missing = name if name not in defined else task.name
            raise CourseError(
                f"{source} does not define {missing}, which course.toml names as "
                f"the {'function' if missing == task.name else 'class'} of task {task.id}: write it"
            )
    owners = [_owner(block, tree, tasks, source) for block in blocks]
    for name, task in tasks.items():
        if task not in owners:
            raise CourseError(
                f"{source}:{defined[name].lineno}: {name} (task "
                f"{task.id}) has no solution block: mark one"
            )
    return owners


def _written(task: Task) -> str:
    """The name of the function or class that students write for a task."""
    return task.writes or task.name


def _owner(block: Block, tree: ast.Module, tasks: dict, source: str) -> Task | None:
    around = [node for node in tree.body if node.lineno <= block.first < (node.end_lineno or 0)]
    if not around and not block.indent:
        return None
    if around and block.indent and isinstance(around[0], ast.FunctionDef | ast.ClassDef):
        ends_inside = all(
            node.lineno > block.last for node in tree.body if node.lineno > around[0].lineno
        )
        if around[0].name in tasks and ends_inside:
            return tasks[around[0].name]
    raise CourseError(
        f"{source}:{block.first + 1}: a solution block stands in a task function or between "
        "definitions of the module: move it, or name the function in course.toml"
    )


def _stub(task: Task, indent: str) -> list[str]:
    return [
        f"{indent}# TODO (task {task.id}, {points_in_words(task.points)}): {task.title}",
        f'{indent}raise NotImplementedError("Task {task.id}: {_written(task)}")',
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
