"""Run the checks on one submission: ordinary pytest, with fixtures that reach into the sandbox."""

import gc
import io
import math
import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Generic, TypeVar

import hypothesis
import pytest
import torch
import torch.fx.experimental.symbolic_shapes

from autograder import ROOT
from autograder.course import Course
from autograder.experiments import experiments
from autograder.judging.measurements import measurements
from autograder.judging.plugin import Judge
from autograder.judging.reference import find_solution
from autograder.judging.replay import scripts
from autograder.judging.results import Verdict
from autograder.sandbox.sandbox import Sandbox, SandboxError, Tier
from support import seed_of, use_profile

UNUSED_PLUGINS = (
    "cacheprovider",
    "faulthandler",
    "logging",
    "terminal",
    "threadexception",
    "unraisableexception",
)
T = TypeVar("T")


class CollectionError(SandboxError):
    """The checks cannot be collected, such as where a file of theirs cannot be imported."""


def warm_up(course: Course) -> None:
    """Do here what each judge that is forked from this process would else do for itself."""
    for name in (task.experiment for task in course.tasks if task.experiment):
        experiments()[name].prepare()


def run_checks(
    submission: Path,
    course: Course,
    tier: Tier,
    slot: int = 0,
    tasks: Collection[str] = (),
    deadline: float = math.inf,
    shared: Sandbox | None = None,
) -> Verdict:
    """Run the course's checks on a collected submission.

    pytest keeps state in its process: call this once per process.

    Args:
        submission: folder with the submission's `rdlab` and `runs`.
        tasks: ids of the tasks to check; none means all.
        deadline: of time.monotonic(); what has no verdict by then is not graded.
        shared: a running worker that has the submission in a folder of its own, and others beside
            it; it is left running. None means one for this submission alone.

    Raises:
        SandboxError: no worker can be started.
    """

    def run() -> Verdict:
        assert _collected is not None
        session, judge = _collected
        judge.begin(submission, course, tier, slot, set(tasks), deadline, shared)
        output = io.StringIO()
        try:
            with redirect_stdout(output), redirect_stderr(output):
                judge.run(session)
        finally:
            judge.worker.stop()
        return judge.verdict()

    return with_checks(course, run)


_collected: tuple[pytest.Session, Judge] | None = None
"""What this process, or one that it was forked from, has collected."""


def with_checks(course: Course, work: Callable[[], T]) -> T:
    """Collect the course's checks, then do the work: whoever is forked in it need not collect.

    The checks are the same for a whole class. No submission has been touched by then. Where they
    are collected already, they are not collected again.

    Raises:
        CollectionError: the checks cannot be collected. Whatever the work raises goes through.
    """
    global _collected
    if _collected is not None and _collected[1].has_checks_of(course):
        return work()
    outer, judge = _collected, Judge(course)
    loop = _Loop(judge, work)
    sys.path.append(str(ROOT / "tests" / "hidden"))
    find_solution()  # a file of checks may import given code
    use_profile(phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate))
    torch.set_num_threads(1)  # a fork inherits no threads
    output = io.StringIO()
    try:
        with redirect_stdout(output), redirect_stderr(output), _no_settings_of_others():
            plugins = [judge, judge.experiment_fixtures(), loop]
            code = pytest.main(_arguments(judge), plugins=plugins)
    finally:
        _collected = outer
    if loop.error is not None:
        raise loop.error
    if not loop.done:
        _forget_modules(judge.files())
        told = "\n".join(loop.troubles) or output.getvalue()
        why = judge.not_collected or f"pytest stopped with code {int(code)}"
        raise CollectionError(f"{why}\n{told[-2000:]}")
    return loop.done[0]


def _forget_modules(files: list[str]) -> None:
    """Import files of checks anew the next time: one that failed would count as imported."""
    for file in files:
        sys.modules.pop(".".join(Path(file).with_suffix("").parts), None)


def share_checks(course: Course, work: Callable[[], T]) -> T:
    """Do the work of many judges as `with_checks` does, or alone where nothing can be collected.

    Then each judge finds that out by itself, and each record says why it is not graded.
    """
    try:
        return with_checks(course, work)
    except CollectionError:
        return work()


def news_as_json() -> dict[str, Any]:
    """Return what this process found out, for the one that it was forked from."""
    return {"scripts": scripts.news_as_json(), "measurements": measurements.news_as_json()}


def learn_json(news: dict[str, Any]) -> None:
    """Learn what `news_as_json` of another process gave: those forked from now on know it."""
    scripts.learn_json(news["scripts"])
    measurements.learn_json(news["measurements"])


class _Loop(Generic[T]):
    """The pytest plugin that does some work in place of running what was collected."""

    def __init__(self, judge: Judge, work: Callable[[], T]):
        self.judge, self.work = judge, work
        self.streams = sys.stdout, sys.stderr
        self.done: list[T] = []
        self.error: BaseException | None = None
        self.troubles: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.troubles.append(str(report.longrepr))

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        global _collected
        if session.testsfailed:
            return None  # pytest goes on, and stops since a file cannot be collected
        _collected = session, self.judge
        scripts.forget()
        measurements.forget()
        gc.collect()
        gc.freeze()  # a collection in a fork would copy every page of what is imported here
        try:
            with redirect_stdout(self.streams[0]), redirect_stderr(self.streams[1]):
                self.done.append(self.work())
        except BaseException as error:  # pytest would make a report of it
            self.error = error
        return True


@contextmanager
def _no_settings_of_others() -> Iterator[None]:
    """Keep pytest from options and plugins of whoever grades: they would be part of the grade."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ |= before


def _arguments(judge: Judge) -> list[str]:
    """Return the command line of pytest: no configuration of this repository, no cache, seeded."""
    return [
        "-phypothesispytest",
        "--noconftest",
        "--import-mode=importlib",
        "--assert=plain",
        *(f"-pno:{plugin}" for plugin in UNUSED_PLUGINS),
        "-c",
        "/dev/null",
        f"--rootdir={ROOT}",
        f"--hypothesis-seed={seed_of(judge.course.salt, 'hypothesis')}",
        *(str(ROOT / name) for name in judge.files()),
    ]
