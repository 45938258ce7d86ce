"""The checks in this very process: their fixtures, and what their marks ask for.

`pytest tests` runs them so, on the `rdlab` beside tests/. Nothing is confined and no earlier task
is answered for: `--pdb`, `-k` and print work, and a mistake in one task shows in later ones.
"""

import functools
import importlib
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
import torch
from torch import Tensor

from support import CHANGED, MARKERS, CheckFailed, Draw, seed_of, use_profile

PARENT = Path(__file__).resolve().parents[1]
"""The folder that holds tests/ in an assignment, tests/ itself in the project."""
PLACES = (PARENT / "tasks.toml", PARENT.parent / "course.toml")


@functools.cache
def course_table() -> dict:
    """The tables of tasks.toml, or of the project's course.toml.

    Raises:
        pytest.UsageError: there is neither.
    """
    found = [path for path in PLACES if path.exists()]
    if not found:
        raise pytest.UsageError(f"no tasks.toml in {PARENT}: unpack the assignment again")
    return tomllib.loads(found[0].read_text(encoding="utf-8"))


def salt() -> str:
    """What inputs are seeded with: the course's salt, which an assignment does not hold."""
    return course_table()["course"].get("salt", "public")


class Student:
    """The task functions by name: `student.gaussian_kl(mean, log_var)`.

    `calls` remembers what was called, for the messages; `changed` says whether a function changed
    a tensor among its arguments.
    """

    def __init__(self, places: dict[str, str]):
        self._places = places
        self.calls: list[tuple] = []
        self.changed = False

    def __getattr__(self, name: str) -> Callable:
        if name not in self._places:
            raise AttributeError(f"no task has a function {name!r}")
        module = importlib.import_module(self._places[name].split(":")[0])
        function = getattr(module, name)

        @functools.wraps(function)
        def call(*args, **kwargs):
            self.calls.append((name, args, kwargs))
            given = _tensors([args, kwargs])
            before = [tensor.detach().clone() for tensor in given]
            value = function(*args, **kwargs)
            pairs = zip(before, given, strict=True)
            self.changed |= any(not _is_same(old, new.detach()) for old, new in pairs)
            return value

        return call


def _tensors(value: object) -> list[Tensor]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for part in value for tensor in _tensors(part)]
    return [value] if type(value) is Tensor else []


def _is_same(old: Tensor, new: Tensor) -> bool:
    return old.shape == new.shape and torch.allclose(old, new, rtol=0, atol=0, equal_nan=True)


@pytest.fixture
def student() -> Student:
    """The functions under test."""
    tasks = course_table()["task"].values()
    places = [task["function"] for task in tasks if "function" in task]
    return Student({place.split(":")[1]: place for place in places})


@pytest.fixture
def draw(request) -> Draw:
    """The inputs of a check."""
    return Draw(salt(), request.node.name)


def pytest_configure(config):
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    use_profile()
    folder = Path(config.getoption("submission", None) or PARENT).resolve()
    if not (folder / "rdlab").is_dir():
        raise pytest.UsageError(f"{folder} holds no rdlab: name the folder of a submission")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """Seed hypothesis as the grader does; fail a check marked `pure` that changed an argument."""
    if pyfuncitem.config.getoption("--hypothesis-seed", None) is None:
        hypothesis.seed(seed_of(salt(), "hypothesis"))(pyfuncitem.obj)
    result = yield
    found = pyfuncitem.funcargs.get("student")
    if pyfuncitem.get_closest_marker("pure") and found is not None and found.changed:
        raise CheckFailed(CHANGED)
    return result
