"""Which files students get, with the parts that are on.

What is off: the modules whose tasks are off, commands that no part on needs, files that carry the
name of a part that is off, tests without a check that is on, and all that these import. A file is
left out if only what is off needs it, and in lab/ if nothing needs it. One that other code imports
is released whole: a task module of a part that is off then comes complete.
"""

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from autograder.course import Course, CourseError, Part, Task
from autograder.fields import read_text

PACKAGE, TESTS = "solution/rdlab", "tests/public"
COMMANDS = f"{PACKAGE}/lab/commands"
RELEASED = {".py", ".md", ".html", ".css", ".js", ".txt"}


class Selection:
    """The files of solution/rdlab and tests/public that are released.

    Args:
        root: the repository.
        course: whose parts are on.
        needed: names of modules that other released files import, such as "rdlab.lab.figures".
    """

    def __init__(self, root: Path, course: Course, needed: Collection[str] = ()):
        self.root, self.course = root, course
        self.needed = set(needed)

    @cached_property
    def kept(self) -> dict[str, str]:
        """Text of each file that is released, by its name from the repository's root."""
        off = self._reached(self._off_by_itself())
        roots = self.needed | {task.module for task in self.course.tasks if task.module}
        by_id = {task.id: task for task in self.course.all_tasks}
        roots |= {by_id[used].module for task in self.course.tasks for used in task.uses}
        on = self._reached(
            {*filter(self._stands_alone, self._texts.keys() - off), *self._files(roots)}
        )
        return {name: text for name, text in self._texts.items() if name in on}

    @cached_property
    def others(self) -> list[str]:
        """Released files that are no Python: pages, styles, texts."""
        return [name for name in self._present if not name.endswith(".py") and self._belongs(name)]

    @cached_property
    def commands(self) -> dict[str, str]:
        """The commands of `python -m rdlab` that are released, with what their help says."""
        order = dict.fromkeys(["check", *(c for part in self.course.parts for c in part.commands)])
        rank = {name: place for place, name in enumerate(order)}
        found: dict[str, str] = {}
        for source, text in self.kept.items():
            path = PurePosixPath(source)
            package = path.name == "__init__.py" and str(path.parent.parent) == f"{PACKAGE}/lab"
            if str(path.parent) == COMMANDS or package:
                found |= _commands_in(text, source)
        return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))

    # Files and what they import

    @cached_property
    def _present(self) -> list[str]:
        files = (file for top in (PACKAGE, TESTS) for file in (self.root / top).rglob("*"))
        return sorted(
            file.relative_to(self.root).as_posix() for file in files if file.suffix in RELEASED
        )

    @cached_property
    def _texts(self) -> dict[str, str]:
        texts = {name: read_text(self.root, name) for name in self._present if name[-3:] == ".py"}
        return {
            name: without_checks(text, self._checks_off(name), name) for name, text in texts.items()
        }

    @cached_property
    def _imports(self) -> dict[str, set[str]]:
        """The files that each file imports."""
        return {
            name: self._files(imported_modules(text, name)) - {name}
            for name, text in self._texts.items()
        }

    def _files(self, modules: Iterable[str]) -> set[str]:
        """Return the files of these modules, and of the packages that they are in."""
        found = set()
        for module in modules:
            parts = module.split(".")
            stems = ["/".join(parts[: end + 1]) for end in range(len(parts))]
            top = "solution" if parts[0] == "rdlab" else TESTS
            for stem in stems:
                found |= {f"{top}/{stem}.py", f"{top}/{stem}/__init__.py"} & self._texts.keys()
        return found

    def _reached(self, files: Collection[str]) -> set[str]:
        """Return these files and all that they import, directly or not."""
        reached, waiting = set(), list(files)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += self._imports[name]
        return reached

    # What is off

    def _off_by_itself(self) -> set[str]:
        commands_on = {command for part in self.course.parts for command in part.commands}
        commands_off = {command for part in self.course.parts_off for command in part.commands}
        off = {source_of(task) for task in self.course.tasks_off} & self._texts.keys()
        off |= {f"{COMMANDS}/{name}.py" for name in commands_off - commands_on} & self._texts.keys()
        off |= {name for name in self._texts if _carries_a_name(name, self.course.parts_off)}
        return off | {name for name in self._texts if self._tests_nothing(name)}

    def _stands_alone(self, name: str) -> bool:
        """Return whether a file is released although nothing imports it."""
        given = name.startswith(f"{PACKAGE}/lab/") and not name.startswith(f"{COMMANDS}/")
        return not given or _carries_a_name(name, self.course.parts)

    def _tests_nothing(self, name: str) -> bool:
        on = {check.file for task in self.course.tasks for check in task.checks}
        return name not in on and bool(self._checks_off(name))

    def _checks_off(self, name: str) -> set[str]:
        checks = (check for task in self.course.tasks_off for check in task.checks)
        return {f"test_{check.name}" for check in checks if check.file == name}

    def _belongs(self, name: str) -> bool:
        """Return whether the module or package that a file lies beside or in is released.

        The folder explorer_page is that of explorer.py, the folder lab/geometry of that package.
        """
        for folder in PurePosixPath(name).parents:
            owners = [str(folder / "__init__.py")]
            owners += [
                owner
                for owner in self._texts
                if PurePosixPath(owner).parent == folder.parent
                and f"{folder.name}_".startswith(f"{PurePosixPath(owner).stem}_")
            ]
            if known := [owner for owner in owners if owner in self._texts]:
                return any(owner in self.kept for owner in known)
        return True


def _carries_a_name(name: str, parts: Collection[Part]) -> bool:
    """Return whether a file, or a folder that it is in, has the name of one of these parts."""
    inner = name.removeprefix(f"{PACKAGE}/").removeprefix(f"{TESTS}/")
    stems = [PurePosixPath(part).stem for part in PurePosixPath(inner).parts]
    return any(part.owns(stem) for part in parts for stem in stems)


def source_of(task: Task) -> str:
    """Return the file of a task's function, from the repository's root; "" for one without it."""
    return f"solution/{task.module.replace('.', '/')}.py" if task.module else ""


def imported_modules(text: str, source: str) -> Iterator[str]:
    """Yield the names of the modules that a file imports, wherever in it.

    Raises:
        CourseError: it does not parse.
    """
    package = PurePosixPath(source).with_suffix("").parts[1:-1]
    for node in ast.walk(parsed(text, source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            around = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*around, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def without_checks(text: str, names: Collection[str], source: str) -> str:
    """Return a file of checks without those of these names."""
    if not names:
        return text
    lines = text.split("\n")
    for node in reversed(parsed(text, source).body):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
            while first and not lines[first - 1].strip():
                first -= 1
            del lines[first : node.end_lineno]
    return "\n".join(lines)


def parsed(text: str, source: str) -> ast.Module:
    """Parse a file.

    Raises:
        CourseError: it is no Python.
    """
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"{source}:{error.lineno}: {error.msg}: correct the file") from None


def _commands_in(text: str, source: str) -> dict[str, str]:
    """Return the commands that a file adds by `add_parser("NAME", help=…)`, with their help."""
    tree = parsed(text, source)
    texts: dict[str, object] = {
        node.targets[0].id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="add_parser"), args=[ast.Constant(value=str(name)), *_]
            ):
                words = {word.arg: word.value for word in node.keywords}
                found[name] = _constant(words.get("help"), texts)
                if not found[name]:
                    raise CourseError(
                        f"{source}:{node.lineno}: the command {name} has no help: give add_parser "
                        "a help= that is a text"
                    )
    return found


def _constant(node: ast.expr | None, texts: dict[str, object]) -> str:
    value = node.value if isinstance(node, ast.Constant) else texts.get(getattr(node, "id", ""))
    return value if isinstance(value, str) else ""
