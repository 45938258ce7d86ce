"""The hidden checks run by themselves: `pytest tests/hidden -k kl --pdb`.

As in tests/public (see fixtures.py there), and with the experiments: the submission's runs are
measured by the course's own code, as in grading, but in this process.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.experiments import Experiment, experiments
from autograder.sandbox.inside.wire import RemoteError

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "public")]

from fixtures import (  # noqa: E402, F401  (found through the path set above)
    draw,
    pytest_configure,
    pytest_pyfunc_call,
    salt,
    student,
)
from support import seed_of  # noqa: E402

COURSE_PATHS = (str(ROOT / "solution"), str(ROOT / "autograder" / "sandbox" / "inside"))


@dataclass
class CourseCode:
    """What the trusted child of a grading is to `verify`: calls the course's own code."""

    places: dict[str, str]
    """Name → "module:function", as the child is given them."""

    def call(self, name: str, *args: object, **kwargs: object) -> object:
        """Call a function here.

        Raises:
            RemoteError: it raised; the cause is what it raised.
        """
        module, function = self.places[name].split(":")
        with _course_modules():
            try:
                return getattr(importlib.import_module(module), function)(*args, **kwargs)
            except Exception as error:
                bases = [base.__name__ for base in type(error).__mro__]
                raise RemoteError(bases, str(error)) from error


@contextmanager
def _course_modules() -> Iterator[None]:
    """Let `rdlab` be the course's own inside, whichever submission is under test."""
    submitted = _taken_out()
    sys.path[:0] = COURSE_PATHS
    try:
        yield
    finally:
        del sys.path[: len(COURSE_PATHS)]
        _taken_out()
        sys.modules.update(submitted)


def _taken_out() -> dict:
    names = [name for name in sys.modules if name.partition(".")[0] == "rdlab"]
    return {name: sys.modules.pop(name) for name in names}


def _fixture(experiment: Experiment):
    @pytest.fixture(scope="session", name=experiment.name)
    def verified(request):
        submission = Path(request.config.getoption("submission")).resolve()
        peer = CourseCode({"measure": experiment.measure})
        return experiment.verify(
            submission, str(submission), peer, seed_of(salt(), experiment.name)
        )

    return verified


globals().update({name: _fixture(experiment) for name, experiment in experiments().items()})
