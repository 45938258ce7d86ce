"""Run the checks on one submission: ordinary pytest, with fixtures that reach into the sandbox."""

import gc
import io
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import hypothesis
import numpy as np
import pytest
import torch
import torch.fx.experimental.symbolic_shapes

from autograder import ROOT
from autograder.course import Check, Course, Limits, Task
from autograder.experiments import Experiment, experiments
from autograder.judging.diagnosis import Answer, diagnose
from autograder.judging.drawn import WrongOnDrawn, check_on_drawn
from autograder.judging.record import DEPENDS_ON_EARLIER, Cause, CheckStatus
from autograder.judging.reference import find_solution, reference
from autograder.judging.replay import Recorder, scripts
from autograder.judging.results import Evidence, Result, Verdict
from autograder.sandbox.inside.wire import (
    OPEN,
    Channel,
    Peer,
    RemoteError,
    WireClosed,
    WireError,
    WireTimeout,
)
from autograder.sandbox.sandbox import Ending, Sandbox, SandboxError, SandboxSlow, Tier
from footprint import CHANGES
from support import MARKERS, CheckFailed, Draw, seed_of, show, use_profile

MAX_SHOWN, MAX_MESSAGE = 600, 2000
TELLING = 1 << 18
"""Elements of an answer that is compared with those of known mistakes."""
SERVED = 1 << 22
"""Elements that a submission may hand to a reference that it calls."""
SERVED_MEMORY = 1 << 30
SERVED_REFUSED = "the function of an earlier task does not take these arguments"
SERVED_TOO_LONG = "the functions of earlier tasks were called for too long"
UNUSED_PLUGINS = (
    "cacheprovider",
    "faulthandler",
    "logging",
    "terminal",
    "threadexception",
    "unraisableexception",
)
T = TypeVar("T")
UNDECIDED = "the grader could not decide"
NO_FILE = {"OSError", "LabError"}
NO_FILE_ADVICE = (
    "importing your module must need neither data nor network, since grading has none; load data "
    'inside a function, or below `if __name__ == "__main__":`'
)
NOT_CALLED = "the check did not call the submission"


class CollectionError(SandboxError):
    """The checks cannot be collected, such as where a file of theirs cannot be imported."""


class UsedUp(Exception):
    """The checks before this one used up the time that all have together."""


class WorkerFault(Enum):
    """Why it is not known how the process of a check ended: its worker is of no use any more."""

    ENDED = "the worker ended with it"
    UNTIDY = "it left more than could be cleaned up"


def warm_up(course: Course) -> None:
    """Do here what each judge that is forked from this process would else do for itself."""
    for name in (task.experiment for task in course.tasks if task.experiment):
        experiments()[name].prepare()


def imports_for(tasks: Iterable[Task]) -> tuple[str, ...]:
    """What a worker had better import once for all checks of some tasks.

    It is what the first optimizer imports, where a task trains: as long as 500 steps take.
    """
    return ("torch._dynamo",) if any(task.calls_often for task in tasks) else ()


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
            judge.stop()
        return judge.verdict()

    return with_checks(course, run)


_collected: "tuple[pytest.Session, _Judge] | None" = None
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
    outer, judge = _collected, _Judge(course)
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
        told = "\n".join(loop.troubles) or output.getvalue()
        why = judge.not_collected or f"pytest stopped with code {int(code)}"
        raise CollectionError(f"{why}\n{told[-2000:]}")
    return loop.done[0]


def share_checks(course: Course, work: Callable[[], T]) -> T:
    """Do the work of many judges as `with_checks` does, or alone where nothing can be collected.

    Then each judge finds that out by itself, and each record says why it is not graded.
    """
    try:
        return with_checks(course, work)
    except CollectionError:
        return work()


class _Loop(Generic[T]):
    """The pytest plugin that does some work in place of running what was collected."""

    def __init__(self, judge: "_Judge", work: Callable[[], T]):
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


def _arguments(judge: "_Judge") -> list[str]:
    """The command line of pytest: no configuration of this repository, no cache, seeded."""
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
        *judge.files(),
    ]


@dataclass
class _Session:
    """The conversation with the child that serves one check."""

    peer: Peer
    recorder: Recorder
    close: Callable[[], Ending | WorkerFault]
    opened: bool = False
    calls: int = 0
    first: tuple = ()
    """The arguments of the first call."""
    last: tuple = ()
    returned: list = field(default_factory=list)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if not self.opened:
            if self.peer.call(OPEN) is not True:
                self.peer.changed.add("import")
            self.opened = True
        self.first = self.first or (args, kwargs)
        self.calls, self.last, self.returned = self.calls + 1, (name, args, kwargs), []
        self.returned = [self.peer.call(name, *args, **kwargs)]
        return self.returned[0]


class _Student:
    """The call surface of a submission: `student.gaussian_kl(mean, log_var)`."""

    def __init__(self, session: _Session, names: Collection[str]):
        self._session, self._names = session, names

    def __getattr__(self, name: str) -> Callable:
        if name not in self._names:
            raise AttributeError(f"{name} is not the function of this check's task")
        return lambda *args, **kwargs: self._session.call(name, *args, **kwargs)


class _Judge:
    """The pytest plugin: provides the fixtures and collects the results."""

    def __init__(self, course: Course):
        self.not_collected = ""
        self.course = course
        self.checks = {check.name: check for task in course.tasks for check in task.checks}

    def has_checks_of(self, course: Course) -> bool:
        """Whether it has the checks of a course, with their inputs: perhaps among others."""
        return self.course.salt == course.salt and set(course.tasks) <= set(self.course.tasks)

    def begin(
        self,
        submission: Path,
        course: Course,
        tier: Tier,
        slot: int,
        tasks: set[str],
        deadline: float,
        shared: Sandbox | None,
    ) -> None:
        """Turn to one submission, with the limits of its course; see `run_checks`."""
        self.submission, self.course, self.tier, self.slot = submission, course, tier, slot
        self.deadline = deadline
        self.tasks = {task.id: task for task in course.tasks if not tasks or task.id in tasks}
        self.checks = {check.name: check for task in self.tasks.values() for check in task.checks}
        self.results: dict[str, Result] = {}
        self.failed: dict[str, Answer] = {}
        self.passed: dict[str, Answer] = {}
        self.changes: dict[str, set[str]] = {}
        self.notes: list[str] = []
        self.costs: dict[str, float] = {}
        self.incidents: list[str] = []
        self.times = {"start": 0.0, "checks": 0.0, "worker_cpu": 0.0}
        self.spent_cpu = self.spent_wall = 0.0
        self.started = time.process_time()
        self.session: _Session | None = None
        self.substitutes = True
        self.sandbox, self.shared = shared, shared
        self.isolation = shared.detail if shared else ""
        self._ready()

    def run(self, session: pytest.Session) -> None:
        """Run the checks of the chosen tasks, in the order in which they were collected.

        What need not run, since its answers equal those of a submission that passed, runs at the
        end where another check of its task failed: its answers help to tell which mistake it is.
        What failed with the reference in place of an earlier task that may be wrong runs once more
        with the submission's own: code may agree with its own mistake. What calls left behind is
        charged last.
        """
        chosen = [item for item in session.items if _check_name(item) in self.checks]
        self.pure = [_check_name(item) for item in chosen if item.get_closest_marker("pure")]
        replayed = []
        for item in chosen:
            if self._replayed(item):
                replayed.append(item)
            else:
                _run(item)
        failed, results = {self.checks[name].task for name in self.failed}, dict(self.results)
        for item in replayed:
            if self.checks[_check_name(item)].task in failed:
                _run(item)
        self.results = results
        changes = dict(self.changes)
        for item in chosen:
            self._try_with_own(item)
        self.changes = changes
        for task in self.tasks.values():
            self._charge_changes(task)

    def _try_with_own(self, item: pytest.Item) -> None:
        """Run a failed check with the submission's own earlier functions; only a pass counts."""
        name = _check_name(item)
        result, failed = self.results.get(name), dict(self.failed)
        if result is None or result.cause not in DEPENDS_ON_EARLIER:
            return
        uses = self.tasks[self.checks[name].task].uses
        earlier = [task for task in self.course.all_tasks if task.id in uses]
        doubtful = [task for task in earlier if not self._is_right(task.checks)]  # or not graded
        if not doubtful:
            return
        self.substitutes = False
        try:
            _run(item)
        finally:
            self.substitutes = True
        if self.results[name].status is not CheckStatus.PASSED:
            self.results[name], self.failed = result, failed
        else:
            self.failed.pop(name, None)

    def _charge_changes(self, task: Task) -> None:
        """Fail the `pure` check of a task if one of its calls left something behind.

        That costs once, however many of its checks it happened in. Where several are so marked,
        those fail in which it happened, or the first one. What an import left behind costs the
        first task of the module.
        """
        in_module = [each for each in self.course.all_tasks if each.module == task.module]
        pardoned = set() if in_module[0].id == task.id else {"import"}
        found = {
            check.name: self.changes.get(check.name, set()) - pardoned for check in task.checks
        }
        changed = [name for name, keys in found.items() if keys]
        pure = [name for name in self.pure if name in found]
        for name in [name for name in pure if found[name]] or (pure[:1] if changed else []):
            result = self.results.get(name)
            if result is None or result.status is not CheckStatus.PASSED:
                continue
            first = next(key for key in CHANGES if key in (found[name] or found[changed[0]]))
            cause = Cause.ARGUMENT_CHANGED if first == "argument" else Cause.STATE_CHANGED
            message = CHANGES[first]
            self.results[name] = Result(
                name, CheckStatus.FAILED, cause, message, seconds=result.seconds
            )

    def _replayed(self, item: Any) -> bool:
        """Whether the answers of a check equal those of a submission that passed it."""
        name = _check_name(item)
        task, script = self.tasks[self.checks[name].task], scripts.find(self.course.salt, name)
        if script is None:
            return False
        start, spent = time.monotonic(), (self.spent_cpu, self.spent_wall)
        try:
            with self._conversation(task) as session:
                passes = script.passes(session.recorder)
        except (WireError, SandboxError, UsedUp):
            passes = False
        seconds = time.monotonic() - start
        if passes:
            self.results[name] = Result(name, CheckStatus.PASSED, seconds=seconds)
            self.times["checks"] += seconds
        else:  # it is not charged for what the grader tried
            self.spent_cpu, self.spent_wall = spent
        return passes

    def files(self) -> list[str]:
        """Where the checks stand; no other file is imported, be it of a part that is off."""
        return [str(ROOT / name) for name in sorted({check.file for check in self.checks.values()})]

    # The worker

    def _ready(self) -> Sandbox:
        if self.sandbox is None:
            start = time.monotonic()
            self.sandbox = Sandbox(
                self.tier,
                self.submission,
                self.course.limits,
                self.slot,
                imports_for(self.tasks.values()),
            )
            self.isolation = self.sandbox.detail
            self.times["start"] += time.monotonic() - start
        return self.sandbox

    def stop(self) -> None:
        if self.sandbox is not None and self.sandbox is not self.shared:
            self.sandbox.stop()
            self.times["worker_cpu"] += self.sandbox.cpu_seconds
        self.sandbox = None

    def _inside(self) -> str:
        """The submission's folder within what is mounted: "." but in a shared sandbox."""
        return str(self.submission.resolve().relative_to(self._ready().submission))

    def _open(self, plan: dict, cpu_s: float, wall_s: float, served: dict) -> _Session:
        plan = {"cpu_s": int(cpu_s), "trusted": False, "uses": {}, "beside": {}, **plan}
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise SandboxError("the time for this submission is used up")
        try:
            channel = self._channel(plan, min(wall_s, left))
        except SandboxError as error:  # it died since the last check, by no doing of a check
            self._replace(error)
            channel = self._channel(plan, min(wall_s, left))
        ended: list[Ending | WorkerFault] = []

        def close() -> Ending | WorkerFault:
            if not ended:
                channel.close()
                ended.append(self._end())
            return ended[0]

        recorder = Recorder(channel)
        return _Session(Peer(recorder, served.__getitem__), recorder, close)

    def _channel(self, plan: dict, wall_s: float) -> Channel:
        return self._ready().open(plan | {"inside": self._inside()}, wall_s)

    def _end(self) -> Ending | WorkerFault:
        try:
            return self._ready().end()
        except SandboxError as error:
            self._replace(error)
            return WorkerFault.UNTIDY if isinstance(error, SandboxSlow) else WorkerFault.ENDED

    def _replace(self, error: SandboxError) -> None:
        """Leave a worker that is of no use any more; the next check starts another."""
        self.incidents.append(f"the worker was replaced: {error}")
        self.stop()

    # Fixtures

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Iterator[_Student]:
        task = self.tasks[request.node.get_closest_marker("task").args[0]]
        with self._conversation(task) as session:
            self.session = session
            yield _Student(session, {task.name} - {""})

    @contextmanager
    def _conversation(self, task: Task) -> Iterator[_Session]:
        """A child that serves one check of a task, and what it takes of the submission's time."""
        names = {task.name: task.function} if task.name else {}
        earlier = self._replaced(task)
        modules = {used.module for used in earlier} - {task.module}
        beside = [each for each in self.course.all_tasks if each.name and each.module in modules]
        plan = {
            "functions": names,
            "uses": {used.name: used.function for used in earlier},
            "beside": {each.name: each.function for each in beside},
        }
        limits = self.course.limits
        budget = _Budget(limits.check_cpu_s, limits.check_wall_s)
        served = {used.name: budget.limited(reference(used)) for used in [*earlier, *beside]}
        self._refuse_if_used_up(limits)
        start = time.monotonic()
        session = self._open(plan, limits.check_cpu_s, limits.check_wall_s, served)
        cpu = self._ready().cpu_seconds
        try:
            yield session
        finally:
            session.close()
            self.spent_wall += time.monotonic() - start
            self.spent_cpu += budget.used
            if self.sandbox is not None:  # what a worker that is gone had used is not known
                self.spent_cpu += self.sandbox.cpu_seconds - cpu

    def _replaced(self, task: Task) -> list[Task]:
        """The earlier tasks that a task uses for which the reference answers in its checks."""
        if not self.substitutes:
            return []
        return [
            used
            for used in self.course.all_tasks
            if used.id in task.uses and not (task.calls_often and self._is_right(used.checks))
        ]

    def _refuse_if_used_up(self, limits: Limits) -> None:
        """Raise UsedUp where the checks so far took all the time that a submission has."""
        for spent, allowed, of in (
            (self.spent_cpu, limits.submission_cpu_s, "CPU seconds"),
            (self.spent_wall, limits.submission_wall_s, "seconds on the clock"),
        ):
            if spent >= allowed:
                raise UsedUp(f"the checks before it used up the {allowed:g} {of} that all have")

    def _is_right(self, checks: tuple[Check, ...]) -> bool:
        """Whether all checks of a task have passed by now."""
        found = [self.results.get(check.name) for check in checks]
        return all(result is not None and result.status is CheckStatus.PASSED for result in found)

    @pytest.fixture
    def draw(self, request: pytest.FixtureRequest) -> Draw:
        return Draw(self.course.salt, request.node.name)

    def experiment_fixtures(self) -> object:
        """A plugin with one fixture per experiment, named after it: the verified experiment."""

        def fixture(experiment: Experiment) -> Any:
            @pytest.fixture(scope="session", name=experiment.name)
            def verified(_: object) -> object:
                return self._verified(experiment)

            return verified

        made = {name: fixture(experiment) for name, experiment in experiments().items()}
        return type("ExperimentFixtures", (), made)()

    def _verified(self, experiment: Experiment) -> object:
        """An experiment, verified; the child that measures it holds no student code."""
        start = time.monotonic()
        plan = {"functions": {"measure": experiment.measure}, "trusted": True}
        session = self._open(plan, experiment.cpu_seconds, 2 * experiment.cpu_seconds, {})
        try:
            session.peer.call(OPEN)
            seed = seed_of(self.course.salt, experiment.name)
            mounted = os.path.join(self._ready().paths()["submission"], self._inside())
            verified = experiment.verify(self.submission, mounted, session.peer, seed)
        finally:
            ended = session.close()
        if isinstance(ended, WorkerFault):  # no submission can bring that about
            raise SandboxError(f"the worker ended while it measured {experiment.name}")
        self.notes += verified.problems
        self.costs |= getattr(verified, "costs", {})
        self.times[experiment.name] = time.monotonic() - start
        return verified

    # Hooks

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"  # pytest's own style parses source for each failed check
        for line in MARKERS:
            config.addinivalue_line("markers", line)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Experiments first, while no student code has run; then public checks, then hidden ones.

        A hidden check's inputs could only leak into what a *later* check returns, and only
        public checks show what was returned: so none comes later.
        """
        chosen: list[Any] = [item for item in items if _check_name(item) in self.checks]
        chosen.sort(key=lambda item: (not _experiments_of(item), self._hidden(item)))
        for item in chosen:
            if _experiments_of(item) and "student" in item.fixturenames:
                raise pytest.UsageError(f"{item.name}: an experiment's check runs no student code")
        items[:] = chosen

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]
    ) -> None:
        """Remember why a file of checks cannot be read: then no check runs at all."""
        if isinstance(node, pytest.Collector) and call.excinfo and not self.not_collected:
            error = call.excinfo.value.__cause__ or call.excinfo.value
            why = str(error).splitlines() or [""]
            self.not_collected = f"{node.nodeid} cannot be read: {type(error).__name__}: {why[0]}"

    def _hidden(self, item: pytest.Item) -> bool:
        return self.checks[_check_name(item)].visibility == "hidden"

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Let a check that is given to students run on inputs, too, that nobody knows."""
        result = yield
        session = self.session
        if session is not None and session.first and pyfuncitem.get_closest_marker("drawn"):
            task = self.tasks[self.checks[_check_name(pyfuncitem)].task]
            call = partial(session.peer.call, task.name)
            draw = Draw(self.course.salt, f"{pyfuncitem.name} drawn")
            check_on_drawn(call, reference(task), session.first, draw)
        return result

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.session = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" or (call.when == "setup" and call.excinfo):
            name = _check_name(item)
            self.results[name] = self._result(item, call)
            self.times["checks"] += call.duration
        return report

    def _result(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Result:
        name, error = _check_name(item), call.excinfo.value if call.excinfo else None
        if self.session is not None:
            self.changes[name] = set(self.session.peer.changed)
        if error is None:
            return self._without_error(name, call.duration)
        error = _innermost(error)
        in_setup = call.when == "setup" and not isinstance(error, UsedUp)
        if in_setup or self._is_own_fault(error):
            self._report(f"{name}: {type(error).__name__}: {error}")
            return _undecided(name)
        cause, message = self._explain(name, error)
        if not isinstance(error, WrongOnDrawn):  # the last answer is right
            self.failed |= self._answer(name)
        evidence = self._evidence(error)
        message = message[:MAX_MESSAGE]
        return Result(name, CheckStatus.FAILED, cause, message, evidence, call.duration)

    def _without_error(self, name: str, seconds: float) -> Result:
        if self.session is not None and self.session.calls == 0:
            self.incidents.append(f"{name} passed without calling the submission")
            return _undecided(name, NOT_CALLED)
        self.passed |= self._answer(name)
        session, often = self.session, self.tasks[self.checks[name].task].calls_often
        if session is not None and not session.peer.changed and not often:
            scripts.note(self.course.salt, name, session.recorder)
        return Result(name, CheckStatus.PASSED, seconds=seconds)

    def _answer(self, name: str) -> dict[str, Answer]:
        """The check's last answer, unless it is too large, to compare it with known mistakes'."""
        session = self.session
        if session is None or _elements(session.returned) not in range(1, TELLING):
            return {}
        _, args, kwargs = session.last
        task = self.tasks[self.checks[name].task]
        return {name: Answer(task, args, kwargs, session.returned[0])}

    def _is_own_fault(self, error: BaseException) -> bool:
        """Whether the grader failed, and not the submission: then there is no verdict."""
        if isinstance(error, SandboxError | OSError):
            return True
        if isinstance(error, WireTimeout) and time.monotonic() >= self.deadline:
            return True
        if isinstance(error, WireClosed) and self._worker_ended():
            return True  # no submission can end its worker: see seccomp
        known = AssertionError | RemoteError | WireError | UsedUp
        return not isinstance(error, known) and not (self.session and self.session.calls)

    def _worker_ended(self) -> bool:
        return self.session is not None and self.session.close() is WorkerFault.ENDED

    def _evidence(self, error: BaseException) -> Evidence:
        """The last call, what it returned, and what was expected, as text."""
        if self.session is None or not self.session.last:
            return Evidence()
        name, args, kwargs = self.session.last
        words = [show(arg) for arg in args]
        words += [f"{key}={show(value)}" for key, value in kwargs.items()]
        returned, expected = [getattr(error, key, None) for key in ("returned", "expected")]
        if returned is None and self.session.returned:
            returned = self.session.returned[0]
        texts = [f"{name}({', '.join(words)})"]
        texts += ["" if value is None else show(value) for value in (returned, expected)]
        return Evidence(*(text[:MAX_SHOWN] for text in texts))

    def _explain(self, name: str, error: BaseException) -> tuple[Cause, str]:
        """Why a check failed: the cause, and a sentence for people."""
        match error:
            case CheckFailed():
                return Cause.MISMATCH, error.message
            case AssertionError():
                return Cause.MISMATCH, str(error) or "the check failed"
            case UsedUp():
                return Cause.TIME, f"not run: {error}"
            case RemoteError(kind="NotImplementedError"):
                return Cause.NOT_STARTED, f"not started: {error.message}"
            case RemoteError(kind="CannotCross"):
                return Cause.UNUSABLE, f"what it returned cannot be used: {error.message}"
            case RemoteError():
                cause = Cause.EXITED if error.kind == "SystemExit" else Cause.RAISED
                where = f" ({error.where})" if error.where else ""
                return cause, f"raised {error}{where}{self._import_advice(error)}"
            case WireTimeout():
                wall_s = self.course.limits.check_wall_s
                return Cause.TIME, f"no answer within {wall_s:g} seconds"
            case WireClosed():
                return self._death(name)
            case WireError():
                return Cause.PROTOCOL, f"returned something that is not a valid value: {error}"
        self._report(f"{name}: the check raised {type(error).__name__}: {error}")
        message = f"the result could not be used ({type(error).__name__}: {error})"
        return Cause.UNUSABLE, message

    def _death(self, name: str) -> tuple[Cause, str]:
        """Why the child is gone; a death that is not the submission's doing is an incident."""
        how = self.session.close() if self.session else None
        if isinstance(how, Ending) and how.signal == "SIGXCPU":
            cpu_s = self.course.limits.check_cpu_s
            when = "" if self._is_imported() else ", while your module was imported"
            return Cause.CPU, f"used more than {cpu_s:g} CPU seconds{when}"
        if isinstance(how, Ending) and how.signal == "SIGKILL":
            return Cause.KILLED, "was killed: it used too much time or memory"
        told = how.value if isinstance(how, WorkerFault) else str(how)
        if not (isinstance(how, Ending) and how.exit_code is not None):
            self.incidents.append(f"{name}: the process that ran the code ended ({told})")
        return Cause.DIED, f"the process that ran your code ended ({told})"

    def _is_imported(self) -> bool:
        return self.session is not None and self.session.opened

    def _import_advice(self, error: RemoteError) -> str:
        """What to do where a module wants a file when it is imported: grading has none."""
        if self._is_imported() or not NO_FILE & set(error.type_names):
            return ""
        return f": {NO_FILE_ADVICE}"

    def _report(self, incident: str) -> None:
        self.incidents.append(incident[:MAX_MESSAGE])

    def verdict(self) -> Verdict:
        """The results; a check that left none is not graded."""
        for name in self.checks.keys() - self.results.keys():
            self.incidents.append(f"{name}: no result")
            self.results[name] = _undecided(name)
        notes = list(dict.fromkeys(self.notes))
        diagnoses = diagnose(self.failed, self.passed.values())
        self.times["judge_cpu"] = time.process_time() - self.started
        return Verdict(
            self.results,
            diagnoses,
            notes,
            self.incidents,
            self.times,
            self.isolation,
            self.costs,
        )


def _run(item: pytest.Item) -> None:
    """Run one check; of all fixtures, those of the session stay for the next one."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=item.session)


def _elements(value: object) -> int:
    """How many numbers and texts a value holds."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return 1 + math.prod(value.shape)
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(_elements, value)) if isinstance(value, list | tuple) else 1


class _Budget:
    """What references may use that a submission calls in one check, on whatever it likes.

    Their CPU time is limited as the check's own is, and they end at its deadline. What they raise
    is told in one sentence: their errors would spell out their code.
    """

    def __init__(self, cpu_s: float, wall_s: float):
        self.left, self.deadline = cpu_s, time.monotonic() + wall_s
        self.used = 0.0

    def limited(self, function: Callable) -> Callable:
        """Return the reference as a submission may call it."""

        def call(*args: Any, **kwargs: Any) -> Any:
            left = min(self.left, self.deadline - time.monotonic())
            if left <= 0:
                raise RuntimeError(SERVED_TOO_LONG)
            if _elements([args, kwargs]) > SERVED:
                raise ValueError("these arguments are too large")
            start = time.process_time()
            try:
                with _limited_memory(), _limited_time(left):
                    return function(*args, **kwargs)
            except _Overtime:
                self.left = 0
                raise RuntimeError(SERVED_TOO_LONG) from None
            except Exception as error:
                kind = ValueError if isinstance(error, ValueError | TypeError) else RuntimeError
                raise kind(SERVED_REFUSED) from None
            finally:
                spent = time.process_time() - start
                self.left, self.used = self.left - spent, self.used + spent

        return call


class _Overtime(BaseException):
    """A reference has used up its time; no code of its own catches this."""


@contextmanager
def _limited_time(seconds: float) -> Iterator[None]:
    """Raise _Overtime where the block uses more CPU seconds; one operation of torch is finished."""

    def stop(*_: object) -> None:
        raise _Overtime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _limited_memory() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[0])
    soft = min([used + SERVED_MEMORY, *(limit for limit in limits if limit >= 0)])
    resource.setrlimit(resource.RLIMIT_AS, (soft, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def _experiments_of(item: Any) -> set[str]:
    """The experiments whose fixtures a check uses."""
    return experiments().keys() & set(item.fixturenames)


def _check_name(item: Any) -> str:
    return item.originalname.removeprefix("test_")


def _undecided(name: str, message: str = UNDECIDED) -> Result:
    return Result(name, CheckStatus.NOT_GRADED, Cause.UNDECIDED, message)


def _innermost(error: BaseException) -> BaseException:
    """What a check really failed of, where hypothesis or autograd wrapped it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
