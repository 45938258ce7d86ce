"""Name a mistake: does a failing answer equal that of a known wrong solution?"""

import ast
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from autograder import ROOT
from autograder.course import Course, Task
from autograder.judging.reference import reference

FOLDER = ROOT / "autograder" / "misconceptions"


@dataclass(frozen=True)
class Misconception:
    """A known wrong solution of one task, and the sentence that a student needs."""

    name: str
    task: str
    sentence: str
    file: Path


@cache
def misconceptions() -> tuple[Misconception, ...]:
    """All known wrong solutions, by name. The files are parsed, not run."""
    return tuple(_described(file) for file in sorted(FOLDER.glob("*.py")))


def _described(file: Path) -> Misconception:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    task = next(
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "TASK"
    )
    sentence = " ".join(ast.get_docstring(tree).split())
    return Misconception(file.stem, task, sentence, file)


def defined_functions(file: Path, course: Course) -> dict[str, str]:
    """Task functions that a file defines, name → the module of their task."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    places = {task.name: task.module for task in course.tasks if task.name}
    names = [_name(node) for node in tree.body]
    return {name: places[name] for name in names if name in places}


def _name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


@dataclass(frozen=True)
class Failure:
    """A failing check's last call, and what the submission returned."""

    task: Task
    args: tuple
    kwargs: dict
    returned: object


def diagnose(failures: dict[str, Failure]) -> dict[str, str]:
    """Sentences for failing checks whose answers are a known misconception's.

    A misconception is named for a task only if it gives the submission's very answer in every
    failing check of the task in which that answer differs from the reference's.

    Args:
        failures: by name of the check.

    Returns:
        The sentence by name of the check, for those that were recognised.
    """
    found = {}
    for task in {failure.task for failure in failures.values()}:
        telling = {
            check: failure
            for check, failure in failures.items()
            if failure.task == task and not _answers_alike(reference(task), failure)
        }
        for known in _simplest_first() if telling else ():
            if known.task == task.id and all(_recognises(known, f) for f in telling.values()):
                found |= dict.fromkeys(telling, known.sentence)
                break
    return found


def _simplest_first() -> list[Misconception]:
    """One mistake takes fewer words than two that cancel: on few inputs both may fit."""
    return sorted(misconceptions(), key=lambda known: len(known.sentence))


def _recognises(known: Misconception, failure: Failure) -> bool:
    function = getattr(_module(known.file), failure.task.name, None)
    return function is not None and _answers_alike(function, failure)


def _answers_alike(function: Callable, failure: Failure) -> bool:
    try:
        with torch.no_grad():
            answer = function(*_fresh(failure.args), **_fresh(failure.kwargs))
            return _alike(answer, failure.returned)
    except Exception:  # a known mistake may well raise, and what was returned may be anything
        return False


def _fresh(value):
    """The same arguments, not to be changed in place by the next function."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, tuple | list):
        return type(value)(_fresh(item) for item in value)
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    return value


def _alike(left, right) -> bool:
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return len(left) == len(right) and all(map(_alike, left, right))
    try:
        left, right = torch.as_tensor(left), torch.as_tensor(right)
    except (TypeError, ValueError, RuntimeError):
        return False
    if left.shape != right.shape or left.is_floating_point() != right.is_floating_point():
        return False
    return torch.allclose(left.double(), right.double(), rtol=1e-4, atol=1e-6, equal_nan=True)


@cache
def _module(file: Path):
    spec = importlib.util.spec_from_file_location(f"misconception_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
