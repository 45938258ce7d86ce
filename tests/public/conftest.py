"""The fixtures of the checks: `student`, the functions under test, and `draw`, their inputs."""

import functools
import importlib
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from support import Draw  # noqa: E402  (found through the path set above)

settings.register_profile(
    "checks",
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("checks")


def pytest_configure(config):
    config.addinivalue_line("markers", "task(id): the task that a check belongs to")
    config.addinivalue_line("markers", "pure: the check fails where an argument was changed")


def _functions() -> dict[str, str]:
    """Name of each task function -> its place, such as "rdlab.gaussian:gaussian_kl"."""
    found = [
        path
        for path in (HERE.parent / "tasks.toml", HERE.parents[1] / "course.toml")
        if path.exists()
    ]
    if not found:
        raise pytest.UsageError(f"no tasks.toml in {HERE.parent}: unpack the assignment again")
    tasks = tomllib.loads(found[0].read_text(encoding="utf-8"))["task"]
    places = [task["function"] for task in tasks.values() if "function" in task]
    return {place.split(":")[1]: place for place in places}


class Student:
    """The task functions by name. `calls` remembers what was called, for the messages."""

    def __init__(self, places: dict[str, str]):
        self._places = places
        self.calls = []

    def __getattr__(self, name):
        if name not in self._places:
            raise AttributeError(f"no task has a function {name!r}")
        module = importlib.import_module(self._places[name].split(":")[0])
        function = getattr(module, name)

        @functools.wraps(function)
        def call(*args, **kwargs):
            self.calls.append((name, args, kwargs))
            return function(*args, **kwargs)

        return call


@pytest.fixture
def student():
    return Student(_functions())


@pytest.fixture
def draw(request):
    return Draw("public", request.node.name)
