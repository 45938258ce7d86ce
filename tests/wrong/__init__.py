"""Known wrong solutions: a file per task function, a function per mistake.

A *mistake* is what a student may believe: its docstring tells them what is wrong, without the
solution. A *mutant* is what no student would write but a small test would miss, such as a loop that
stops after 100 batches: it is caught like a mistake, and nobody is told.

The name of the function is the name of the mistake; its signature is that of the task function,
whose place it takes in a submission. It brings along what its file imports and defines beside the
wrong versions. `TASK` is the task's number.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """One wrong version of a task function.

    Args:
        name: of the mistake, unique in its file.
        solution: the function itself, or the class.
        sentence: what a student is told; "" of a mutant.
        raises: whether the mistake is to raise on arguments that the task allows.
    """

    name: str
    solution: Callable
    sentence: str
    raises: bool = False


_registered: dict[str, list[Wrong]] = {}


def mistake(solution: Callable | None = None, *, raises: bool = False) -> Callable:
    """Register a mistake that a student is told by its docstring; it stays what it was."""
    if solution is None:
        return lambda decorated: mistake(decorated, raises=raises)
    sentence = " ".join((solution.__doc__ or "").split())
    return _register(Wrong(solution.__name__, solution, sentence, raises))


def mutant(solution: Callable | None = None, *, raises: bool = False) -> Callable:
    """Register a wrong version that no student is told about; it stays what it was."""
    if solution is None:
        return lambda decorated: mutant(decorated, raises=raises)
    return _register(Wrong(solution.__name__, solution, "", raises))


def registered(module: str) -> list[Wrong]:
    """What a module of this package has registered by now, in order."""
    return list(_registered.get(module, ()))


def _register(wrong: Wrong) -> Callable:
    _registered.setdefault(wrong.solution.__module__, []).append(wrong)
    return wrong.solution
