"""Name a mistake: does a failing answer equal that of a known wrong solution?"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import torch

from autograder import ROOT
from autograder.course import Task
from autograder.judging.reference import find_solution, reference
from toy_models import Toy, build

REPEATABLE = (torch.Tensor, np.ndarray, list, tuple, dict, str, Toy)
PACKAGE, FOLDER = "tests.wrong", ROOT / "tests" / "wrong"


@cache
def wrong_versions(name: str) -> tuple:
    """Return the known wrong versions of one task function, or of one experiment.

    Only the file of that function is imported, and whatever it imports from the reference.

    Args:
        name: of the function, such as "gaussian_kl", or of the experiment.

    Returns:
        Objects of `tests.wrong.Wrong` in the order of the file; none if there is no file.
    """
    if not (FOLDER / f"{name}.py").is_file():
        return ()
    find_solution()
    package = _package()
    importlib.import_module(f"{PACKAGE}.{name}")
    return tuple(package.registered(f"{PACKAGE}.{name}"))


def _package() -> ModuleType:
    """Import `tests.wrong` by its place: an installed package may be called `tests` as well."""
    if PACKAGE not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            PACKAGE, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
        )
        assert spec is not None
        assert spec.loader is not None
        sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[PACKAGE])
    return sys.modules[PACKAGE]


@dataclass(frozen=True)
class Answer:
    """A check's last call, and what the submission returned, or what it raised."""

    task: Task
    args: tuple
    kwargs: dict
    returned: object


@dataclass(frozen=True)
class Raised:
    """An exception in place of an answer: the name of its class, and its text."""

    kind: str
    text: str


def diagnose(failed: dict[str, Answer], passed: Collection[Answer] = ()) -> dict[str, str]:
    """Return the sentences for failing checks whose answers are those of a known mistake.

    A mistake is named for a task only if it gives the submission's very answers: in every failing
    check in which that answer is not the reference's, and in every passed one in which it is.
    One that is to raise is tried only where the submission raised, but not for want of memory.
    Checks in which the reference itself answers differently each time say nothing. A task that
    trains is left out for that reason, and because to find out takes longer than to grade it.

    Args:
        failed: by name of the check.
        passed: of checks that passed.

    Returns:
        The sentence by name of the check, for those that were recognised.
    """
    found: dict[str, str] = {}
    for task in {answer.task for answer in failed.values() if not answer.task.trust_when_passed}:
        right = reference(task)
        own = {check: answer for check, answer in failed.items() if answer.task == task}
        telling = {check: each for check, each in own.items() if _tells(right, each)}
        if not telling:
            continue
        same = [each for each in passed if each.task == task and _gives(right, each)]
        raised = any(isinstance(each.returned, Raised) for each in telling.values())
        for known in _simplest_first(task):
            if known.raises and not raised:
                continue
            wrong = _run_by(task, known.solution)
            if all(_gives(wrong, answer) for answer in (*telling.values(), *same)):
                found |= dict.fromkeys(telling, known.sentence)
                break
    return found


def _simplest_first(task: Task) -> list:
    """Return the known mistakes of a task, those with the shortest sentence first."""
    told = [known for known in wrong_versions(task.written) if known.sentence]
    return sorted(told, key=lambda known: len(known.sentence))


def _run_by(task: Task, solution: Callable) -> Callable:
    """Return the task function that is this solution, or that runs it where it is a class."""
    if not task.writes:
        return solution

    def run(*args: Any, **kwargs: Any) -> Any:
        module = importlib.import_module(task.module)
        own = getattr(module, task.writes)
        setattr(module, task.writes, solution)
        try:
            return reference(task)(*args, **kwargs)
        finally:
            setattr(module, task.writes, own)

    return run


def _tells(right: Callable, answer: Answer) -> bool:
    """Return whether an answer can tell a mistake: it is wrong, not just another random draw."""
    if any(isinstance(each, Iterable) and not isinstance(each, REPEATABLE) for each in answer.args):
        return False  # it can be read once, and the submission has done so
    try:
        with torch.no_grad():
            once = right(*_fresh(answer.args), **_fresh(answer.kwargs))
    except Exception:  # it is to be refused, and the submission answered
        return True
    return _gives(right, replace(answer, returned=once)) and not _alike(once, answer.returned)


def _gives(function: Callable, known: Answer) -> bool:
    """Return whether a function gives an answer, called with the same arguments."""
    try:
        with torch.no_grad():
            answer = function(*_fresh(known.args), **_fresh(known.kwargs))
            return _alike(answer, known.returned)
    except Exception as error:  # a known mistake may well raise, and what was returned be anything
        return known.returned == Raised(type(error).__name__, str(error))


def _fresh(value: Any) -> Any:
    """Return copies of arguments, for the next function not to change in place or use up."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, tuple | list):
        return type(value)(_fresh(item) for item in value)
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    if isinstance(value, Toy):
        name, arguments = value.recipe()
        return build(name, _fresh(arguments)).train(value.training)
    return value


def _alike(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return len(left) == len(right) and all(map(_alike, left, right))
    try:
        left, right = torch.as_tensor(left), torch.as_tensor(right)
    except (TypeError, ValueError, RuntimeError):
        return False
    if left.shape != right.shape or left.is_floating_point() != right.is_floating_point():
        return False
    return torch.allclose(left.double(), right.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
