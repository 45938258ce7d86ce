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
from types import ModuleType

import hypothesis
import pytest
import torch

from footprint import CHANGES, Footprint, takes_seed
from support import MARKERS, CheckFailed, Draw, seed_of, use_profile

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

    `calls` remembers what was called, for the messages; `changed` what calls left behind, as keys
    of `footprint.CHANGES`.
    """

    def __init__(self, places: dict[str, str]):
        self._places = places
        self.calls: list[tuple] = []
        self.changed: list[str] = []

    def __getattr__(self, name: str) -> Callable:
        if name not in self._places:
            raise AttributeError(f"no task has a function {name!r}")
        module = self._imported(self._places[name].split(":")[0])
        function = getattr(module, name)

        @functools.wraps(function)
        def call(*args, **kwargs):
            self.calls.append((name, args, kwargs))
            before = Footprint([args, kwargs])
            value = function(*args, **kwargs)
            # a wrapper may hide that there is an argument `seed`, not that it is given one
            pardoned = {"seed"} if "seed" in kwargs or takes_seed(function) else set()
            self.changed += [key for key in before.changes() if key not in pardoned]
            before.restore_settings()
            return value

        return call

    def _imported(self, name: str) -> ModuleType:
        """A module of the submission; importing it must not switch gradients off."""
        enabled = torch.is_grad_enabled()
        module = importlib.import_module(name)
        if enabled and not torch.is_grad_enabled():
            self.changed.append("import")
            torch.set_grad_enabled(True)
        return module


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
    """Seed hypothesis as in grading; fail a check in which a call left something behind."""
    if pyfuncitem.config.getoption("--hypothesis-seed", None) is None:
        hypothesis.seed(seed_of(salt(), "hypothesis"))(pyfuncitem.obj)
    result = yield
    found = pyfuncitem.funcargs.get("student")
    if found is not None and found.changed:
        raise CheckFailed(CHANGES[found.changed[0]])
    return result
