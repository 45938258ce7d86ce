"""The known wrong solutions in tests/wrong: their form, and the submissions made from them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder import ROOT
from autograder.course import Course, Task
from autograder.judging.diagnosis import FOLDER, PACKAGE

REGISTERING = ("mistake", "mutant")


@dataclass(frozen=True)
class WrongSolution:
    """One wrong version of a task function, as its file has it. The file is parsed, not run.

    Args:
        function: the task function, the class that a task writes in its place, or the experiment
            whose files are altered.
        name: of the mistake.
        task: the id that the file gives.
        sentence: what a student is told.
        told: whether it is a mistake, which is told; a mutant is not.
        raises: whether it is marked as one that raises.
        file: where it stands.
        node: its definition.
    """

    function: str
    name: str
    task: str
    sentence: str
    told: bool
    raises: bool
    file: Path
    node: ast.FunctionDef | ast.ClassDef

    @property
    def case(self) -> str:
        """Its full name, such as "gaussian_kl/no_half"."""
        return f"{self.function}/{self.name}"


def wrong_solutions(folder: Path = FOLDER) -> list[WrongSolution]:
    """Return all known wrong solutions, by file and then in the order of the file."""
    files = [file for file in sorted(folder.glob("*.py")) if file.stem != "__init__"]
    return [known for file in files for known in _in_file(file)]


def _in_file(file: Path) -> Iterator[WrongSolution]:
    tree = _parsed(file)
    task = next((_value(node) for node in tree.body if "TASK" in _assigned(node)), "")
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        for decorator in _registering(node):
            sentence = " ".join((ast.get_docstring(node) or "").split())
            options = {word.arg: word.value.value for word in getattr(decorator, "keywords", [])}
            told = _decorator_name(decorator) == "mistake"
            raises = options.get("raises", False)
            yield WrongSolution(file.stem, node.name, task, sentence, told, raises, file, node)


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _assigned(node: ast.stmt) -> list[str]:
    """Return the names that a statement assigns to."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _value(node: ast.stmt) -> str:
    """Return the literal that a statement assigns."""
    value = getattr(node, "value", None)
    return "" if value is None else str(ast.literal_eval(value))


def _registering(node: ast.stmt) -> list[ast.expr]:
    """Return the decorators of a statement that register it as a wrong solution."""
    decorators = getattr(node, "decorator_list", [])
    return [each for each in decorators if _decorator_name(each) in REGISTERING]


def _decorator_name(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(called, "id", "")


# The submission


def overlay(known: WrongSolution) -> str:
    """Return a module that defines the task's function or class as this wrong solution does.

    It holds the imports, helpers and constants of the file and the one definition, under the name
    that it has in the task and without the decorator that registers it.
    """
    shared = [node for node in _parsed(known.file).body if _is_shared(node)]
    kept = [each for each in known.node.decorator_list if each not in _registering(known.node)]
    parts = [_with_decorators(known.file, node) for node in shared]
    parts += [_text(known.file, each.lineno, each.end_lineno) for each in kept]
    definition = _text(known.file, known.node.lineno, known.node.end_lineno)
    parts.append(definition.replace(f" {known.name}", f" {known.function}", 1))
    return "\n".join(parts) + "\n"


def _is_shared(node: ast.stmt) -> bool:
    """Return whether a statement of a file of wrong solutions goes along with each of them."""
    if isinstance(node, ast.ImportFrom):
        return node.module != PACKAGE
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return not _registering(node)
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return not is_docstring and "TASK" not in _assigned(node)


def _with_decorators(file: Path, node: ast.stmt) -> str:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return _text(file, first, node.end_lineno)


def _text(file: Path, first: int, last: int | None) -> str:
    """Return the lines from the first to the last, both counted from 1."""
    return "\n".join(_lines(file)[first - 1 : last])


@cache
def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


# The form


def form_troubles(solutions: list[WrongSolution], course: Course) -> dict[str, list[str]]:
    """Say what is not as it must be in the files themselves, by case.

    Every mistake has a sentence of its own, every signature is that of the task function, and every
    file is named after what a task asks for or an experiment, and gives the id of its task.
    """
    tasks = {task.written or task.experiment: task for task in course.all_tasks}
    sentences: dict[str, list[str]] = {}
    for known in solutions:
        if known.told:
            sentences.setdefault(known.sentence, []).append(known.case)
    troubles = {}
    for known in solutions:
        lines = list(_place_troubles(known, tasks.get(known.function)))
        if known.told and not known.sentence:
            lines.append("has no sentence for students: write a docstring")
        elif known.told and len(sentences[known.sentence]) > 1:
            others = [case for case in sentences[known.sentence] if case != known.case]
            lines.append(f"has the sentence of {', '.join(others)}")
        if lines:
            troubles[known.case] = lines
    return troubles


def _place_troubles(known: WrongSolution, task: Task | None) -> Iterator[str]:
    """Say where a wrong solution does not fit its task."""
    if task is None:
        yield f"there is no task function and no experiment {known.function!r}"
        return
    if known.task != task.id:
        yield f"its file says TASK {known.task!r}, not {task.id!r}"
    if not task.module:
        return
    right = _reference(task.module, known.function)
    if type(known.node) is not type(right):
        yield "is a class or a function where the reference has the other"
    own, expected = signatures(known.node), signatures(right)
    for name in sorted(own.keys() & expected.keys()):
        if own[name] != expected[name]:
            yield f"{name}takes {own[name]}, in the reference {expected[name]}"


def _reference(module: str, name: str) -> ast.FunctionDef | ast.ClassDef:
    """Return the definition of a task function in the reference."""
    tree = _parsed(ROOT / "solution" / f"{module.replace('.', '/')}.py")
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return next(node for node in definitions if node.name == name)


def signatures(node: ast.FunctionDef | ast.ClassDef) -> dict[str, str]:
    """Return the arguments as text, of a function or of each public method of a class.

    The text says their names, kinds and whether there is a default, but not which: a wrong default
    is a mistake like others.

    Returns:
        By what comes before the arguments: "" of a function, "encode " of a method.
    """
    if isinstance(node, ast.FunctionDef):
        return {"": _signature(node.args)}
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    public = [each for each in methods if each.name == "__init__" or each.name[0] != "_"]
    return {f"{each.name} ": _signature(each.args) for each in public}


def _signature(arguments: ast.arguments) -> str:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    words = [_argument(*pair) for pair in zip(positional, defaults, strict=True)]
    if arguments.posonlyargs:
        words.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg or arguments.kwonlyargs:
        words.append(f"*{arguments.vararg.arg if arguments.vararg else ''}")
    words += map(_argument, arguments.kwonlyargs, arguments.kw_defaults)
    words += [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
    return f"({', '.join(words)})"


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    return argument.arg + ("=" if default is not None else "")
