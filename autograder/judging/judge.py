"""Run the checks on one submission: ordinary pytest, with fixtures that reach into the sandbox."""

import gc
import io
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Collection
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
import torch.fx.experimental.symbolic_shapes

from autograder import ROOT
from autograder.course import Check, Course
from autograder.judging.diagnosis import Failure, diagnose
from autograder.judging.experiments import beta_sweep
from autograder.judging.reference import reference
from autograder.sandbox.inside.wire import (
    Channel,
    Peer,
    RemoteError,
    WireClosed,
    WireError,
    WireTimeout,
)
from autograder.sandbox.sandbox import Sandbox, SandboxError, SandboxSlow, Tier
from support import CHANGED, MARKERS, CheckFailed, Draw, seed_of, show, use_profile

SWEEP_CPU_SECONDS = 240
MAX_SHOWN, MAX_MESSAGE = 600, 2000
TELLING = 1 << 18
"""Elements of an answer that is compared with those of known mistakes."""
SERVED = 1 << 22
"""Elements that a submission may hand to a reference that it calls."""
SERVED_MEMORY = 1 << 30
UNUSED_PLUGINS = ("cacheprovider", "logging", "unraisableexception", "threadexception")
"""The last three cost half a second per submission."""
WITH_WORKER = "with its worker"
UNTIDY = "and left more than could be cleaned up"


@dataclass
class Result:
    """What came of one check: "passed", "failed" or "not graded", and why."""

    name: str
    status: str
    message: str = ""
    call: str = ""
    returned: str = ""
    expected: str = ""
    seconds: float = 0.0


@dataclass
class Verdict:
    """All results of a submission, and what is worth telling the instructor."""

    results: dict[str, Result]
    diagnoses: dict[str, str]
    notes: list[str]
    incidents: list[str]
    times: dict[str, float]
    isolation: str


def warm_up() -> None:
    """Do here what each judge that is forked from this process would else do for itself."""
    torch.set_num_threads(1)  # a fork inherits no threads
    beta_sweep.held_back_variances()
    gc.collect()
    gc.freeze()


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
    judge = _Judge(submission, course, tier, slot, set(tasks), deadline, shared)
    arguments = [
        "--noconftest",
        "--import-mode=importlib",
        "--assert=plain",
        "--tb=native",
        "-q",
        *(f"-pno:{plugin}" for plugin in UNUSED_PLUGINS),
        "-c",
        "/dev/null",
        f"--rootdir={ROOT}",
        f"--hypothesis-seed={seed_of(course.salt, 'hypothesis')}",
        str(ROOT / "tests" / "public"),
        str(ROOT / "tests" / "hidden"),
    ]
    sys.path.append(str(ROOT / "tests" / "hidden"))
    use_profile(phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate))
    torch.set_num_threads(1)
    output = io.StringIO()
    try:
        with redirect_stdout(output), redirect_stderr(output):
            code = pytest.main(arguments, plugins=[judge])
    finally:
        judge.stop()
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SandboxError(f"pytest stopped with code {int(code)}: {output.getvalue()[-2000:]}")
    return judge.verdict()


@dataclass
class _Session:
    """The conversation with the child that serves one check."""

    peer: Peer
    close: Callable[[], str]
    opened: bool = False
    calls: int = 0
    last: tuple = ()
    returned: list = field(default_factory=list)

    def call(self, name: str, *args, **kwargs):
        if not self.opened:
            self.peer.call("open")
            self.opened = True
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

    def __init__(
        self,
        submission: Path,
        course: Course,
        tier: Tier,
        slot: int,
        tasks: set[str],
        deadline: float,
        shared: Sandbox | None,
    ):
        self.submission, self.course, self.tier, self.slot = submission, course, tier, slot
        self.deadline = deadline
        self.tasks = {task.id: task for task in course.tasks if not tasks or task.id in tasks}
        self.checks = {check.name: check for task in self.tasks.values() for check in task.checks}
        self.results: dict[str, Result] = {}
        self.failures: dict[str, Failure] = {}
        self.notes: list[str] = []
        self.incidents: list[str] = []
        self.times = {"start": 0.0, "checks": 0.0, "sweep": 0.0, "worker_cpu": 0.0}
        self.session: _Session | None = None
        self.sandbox, self.shared = shared, shared
        self.isolation = shared.detail if shared else ""
        self._ready()

    # The worker

    def _ready(self) -> Sandbox:
        if self.sandbox is None:
            start = time.monotonic()
            self.sandbox = Sandbox(
                self.tier, self.submission, self.course.limits, self.slot, self._imports()
            )
            self.isolation = self.sandbox.detail
            self.times["start"] += time.monotonic() - start
        return self.sandbox

    def _imports(self) -> tuple[str, ...]:
        """What the first optimizer imports, where a task trains: as long as 500 steps take."""
        return ("torch._dynamo",) if any(task.calls_often for task in self.tasks.values()) else ()

    def stop(self) -> None:
        if self.sandbox is not None and self.sandbox is not self.shared:
            self.sandbox.stop()
            self.times["worker_cpu"] += self.sandbox.cpu_seconds
        self.sandbox = None

    def _inside(self) -> str:
        """The submission's folder within what is mounted: "." but in a shared sandbox."""
        return str(self.submission.resolve().relative_to(self._ready().submission))

    def _open(self, plan: dict, cpu_s: float, wall_s: float, served: dict) -> _Session:
        plan = {"cpu_s": int(cpu_s), "trusted": False, "uses": {}, **plan}
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise SandboxError("the time for this submission is used up")
        try:
            channel = self._channel(plan, min(wall_s, left))
        except SandboxError as error:  # it died since the last check, by no doing of a check
            self._replace(error)
            channel = self._channel(plan, min(wall_s, left))
        ended: list[str] = []

        def close() -> str:
            if not ended:
                channel.close()
                ended.append(self._end())
            return ended[0]

        return _Session(Peer(channel, served.__getitem__), close)

    def _channel(self, plan: dict, wall_s: float) -> Channel:
        return self._ready().open(plan | {"inside": self._inside()}, wall_s)

    def _end(self) -> str:
        try:
            return self._ready().end()
        except SandboxError as error:
            self._replace(error)
            return UNTIDY if isinstance(error, SandboxSlow) else WITH_WORKER

    def _replace(self, error: SandboxError) -> None:
        """Leave a worker that is of no use any more; the next check starts another."""
        self.incidents.append(f"the worker was replaced: {error}")
        self.stop()

    # Fixtures

    @pytest.fixture
    def student(self, request):
        task = self.tasks[request.node.get_closest_marker("task").args[0]]
        names = {task.name: task.function} if task.name else {}
        earlier = [
            used
            for used in self.course.tasks
            if used.id in task.uses and not (task.calls_often and self._is_right(used.checks))
        ]
        plan = {"functions": names, "uses": {used.name: used.function for used in earlier}}
        limits = self.course.limits
        served = {used.name: _limited(reference(used)) for used in earlier}
        self.session = self._open(plan, limits.check_cpu_s, limits.check_wall_s, served)
        yield _Student(self.session, names)
        self.session.close()

    def _is_right(self, checks: tuple[Check, ...]) -> bool:
        """Whether all checks of a task have passed by now."""
        found = [self.results.get(check.name) for check in checks]
        return all(result is not None and result.status == "passed" for result in found)

    @pytest.fixture
    def draw(self, request):
        return Draw(self.course.salt, request.node.name)

    @pytest.fixture(scope="session")
    def sweep(self):
        """The verified sweep; the child that measures it holds no student code."""
        start = time.monotonic()
        plan = {"functions": {"measure": "measure_beta_sweep:measure"}, "trusted": True}
        session = self._open(plan, SWEEP_CPU_SECONDS, 2 * SWEEP_CPU_SECONDS, {})
        session.peer.call("open")
        seed = seed_of(self.course.salt, "sweep")
        mounted = os.path.join(self._ready().paths()["submission"], self._inside())
        verified = beta_sweep.verify(self.submission, mounted, session.peer, seed)
        if session.close() in (WITH_WORKER, UNTIDY):  # no submission can bring that about
            raise SandboxError("the worker ended while it measured the sweep")
        self.notes += verified.problems
        self.times["sweep"] = time.monotonic() - start
        return verified

    # Hooks

    def pytest_configure(self, config):
        for line in MARKERS:
            config.addinivalue_line("markers", line)

    def pytest_collection_modifyitems(self, items):
        """The sweep first, while no student code has run; then public checks, then hidden ones.

        A hidden check's inputs could only leak into what a *later* check returns, and only
        public checks show what was returned: so none comes later.
        """
        chosen = [item for item in items if _check_name(item) in self.checks]
        chosen.sort(key=lambda item: ("sweep" not in item.fixturenames, self._hidden(item)))
        items[:] = chosen

    def _hidden(self, item) -> bool:
        return self.checks[_check_name(item)].visibility == "hidden"

    def pytest_runtest_setup(self, item):
        self.session = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if call.when == "call" or (call.when == "setup" and call.excinfo):
            name = _check_name(item)
            self.results[name] = self._result(item, call)
            self.times["checks"] += call.duration
        return report

    def _result(self, item, call) -> Result:
        name = _check_name(item)
        error = call.excinfo.value if call.excinfo else None
        if error is None:
            if self.session is not None and self.session.calls == 0:
                self.incidents.append(f"{name} passed without calling the submission")
                return Result(name, "not graded", "the check did not call the submission")
            if item.get_closest_marker("pure") and self.session.peer.changed:
                return Result(name, "failed", CHANGED, seconds=call.duration)
            return Result(name, "passed", seconds=call.duration)
        cause = _cause(error)
        if call.when == "setup" or self._is_own_fault(cause):
            self._report(f"{name}: {type(cause).__name__}: {cause}")
            return Result(name, "not graded", "the grader could not decide")
        message = self._explain(name, cause)[:MAX_MESSAGE]
        if self.session is not None and _elements(self.session.returned) in range(1, TELLING):
            task = self.tasks[self.checks[name].task]
            self.failures[name] = Failure(task, *self.session.last[1:], self.session.returned[0])
        return Result(name, "failed", message, *self._evidence(cause), seconds=call.duration)

    def _is_own_fault(self, cause: BaseException) -> bool:
        """Whether the grader failed, and not the submission: then there is no verdict."""
        if isinstance(cause, SandboxError | OSError):
            return True
        if isinstance(cause, WireTimeout) and time.monotonic() >= self.deadline:
            return True
        if isinstance(cause, WireClosed) and self.session and self.session.close() == WITH_WORKER:
            return True  # no submission can end its worker: see seccomp
        known = AssertionError | RemoteError | WireError
        return not isinstance(cause, known) and not (self.session and self.session.calls)

    def _evidence(self, cause: BaseException) -> tuple[str, str, str]:
        """The last call, what it returned, and what was expected, as text."""
        if self.session is None or not self.session.last:
            return "", "", ""
        name, args, kwargs = self.session.last
        words = [show(arg) for arg in args]
        words += [f"{key}={show(value)}" for key, value in kwargs.items()]
        returned, expected = [getattr(cause, key, None) for key in ("returned", "expected")]
        if returned is None and self.session.returned:
            returned = self.session.returned[0]
        texts = [f"{name}({', '.join(words)})"]
        texts += ["" if value is None else show(value) for value in (returned, expected)]
        return tuple(text[:MAX_SHOWN] for text in texts)

    def _explain(self, name: str, cause: BaseException) -> str:
        match cause:
            case CheckFailed():
                return cause.message
            case RemoteError(kind="NotImplementedError"):
                return f"not started: {cause.message}"
            case RemoteError(kind="CannotCross"):
                return f"what it returned cannot be used: {cause.message}"
            case RemoteError():
                return f"raised {cause}" + (f" ({cause.where})" if cause.where else "")
            case WireTimeout():
                return f"no answer within {self.course.limits.check_wall_s:g} seconds"
            case WireClosed():
                return self._death(name)
            case WireError():
                return f"answered with something that is no value: {cause}"
            case AssertionError():
                return str(cause) or "the check failed"
        self._report(f"{name}: the check raised {type(cause).__name__}: {cause}")
        return f"the result could not be used ({type(cause).__name__}: {cause})"

    def _death(self, name: str) -> str:
        """Why the child is gone; a death that is not the submission's doing is an incident."""
        how = self.session.close() if self.session else "unknown"
        if how == "SIGXCPU":
            return f"used more than {self.course.limits.check_cpu_s:g} CPU seconds"
        if how == "SIGKILL":
            return "was killed: it used too much time or memory"
        if not how.startswith("exit"):
            self.incidents.append(f"{name}: the process that ran the code ended ({how})")
        return f"the process that ran your code ended ({how})"

    def _report(self, incident: str) -> None:
        self.incidents.append(incident[:MAX_MESSAGE])

    def verdict(self) -> Verdict:
        """The results; a check that left none is not graded."""
        for name in self.checks.keys() - self.results.keys():
            self.incidents.append(f"{name}: no result")
            self.results[name] = Result(name, "not graded", "the grader could not decide")
        notes = list(dict.fromkeys(self.notes))
        diagnoses = diagnose(self.failures)
        self.times["judge_cpu"] = time.process_time()
        return Verdict(self.results, diagnoses, notes, self.incidents, self.times, self.isolation)


def _elements(value: object) -> int:
    """How many numbers and texts a value holds."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return 1 + math.prod(value.shape)
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(_elements, value)) if isinstance(value, list | tuple) else 1


def _limited(function: Callable) -> Callable:
    """A reference as a submission may call it: on whatever it likes, so not without limits."""

    def call(*args, **kwargs):
        if _elements([args, kwargs]) > SERVED:
            raise ValueError("these arguments are too large")
        limits = resource.getrlimit(resource.RLIMIT_AS)
        used = resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[0])
        soft = min([used + SERVED_MEMORY, *(limit for limit in limits if limit >= 0)])
        resource.setrlimit(resource.RLIMIT_AS, (soft, limits[1]))
        try:
            return function(*args, **kwargs)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limits)

    return call


def _check_name(item) -> str:
    return item.originalname.removeprefix("test_")


def _cause(error: BaseException) -> BaseException:
    """What a check really failed of, where hypothesis or autograd wrapped it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
