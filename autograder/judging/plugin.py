"""The plugin of pytest that judges: its fixtures reach into the sandbox, its hooks keep results."""

import os
import time
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Check, Course, Task
from autograder.experiments import Experiment, experiments
from autograder.judging.conversation import (
    Session,
    Student,
    UsedUp,
    Worker,
    WorkerFault,
    imports_for,
)
from autograder.judging.diagnosis import Answer, Raised, diagnose
from autograder.judging.drawn import WrongOnDrawn, check_on_drawn
from autograder.judging.record import DEPENDS_ON_EARLIER, Cause, CheckStatus
from autograder.judging.reference import reference
from autograder.judging.replay import scripts
from autograder.judging.results import Evidence, Result, Verdict
from autograder.judging.served import elements
from autograder.sandbox.inside.wire import OPEN, RemoteError, WireClosed, WireError, WireTimeout
from autograder.sandbox.sandbox import Ending, Sandbox, SandboxError, Tier
from footprint import CHANGES, takes_seed
from support import MARKERS, CheckFailed, Draw, seed_of, show

MAX_SHOWN, MAX_MESSAGE = 600, 2000
REPLAY_SECONDS = 20
"""On the clock: a submission is not charged for a replay that fails, so nobody waits for long."""
MAX_DIAGNOSED_ELEMENTS = 1 << 18
"""Elements of an answer that is compared with those of known mistakes."""
UNDECIDED = "the autograder could not decide"
UNTELLING = {"NotImplementedError", "MemoryError"}
NO_MEMORY = "DefaultCPUAllocator: can't allocate memory"
NO_FILE = {"OSError", "LabError"}
NO_FILE_ADVICE = (
    "importing your module must need neither data nor network, since grading has none; load data "
    'inside a function, or below `if __name__ == "__main__":`'
)
NOT_CALLED = "the check did not call the submission"


class Judge:
    """The pytest plugin: provides the fixtures and collects the results."""

    def __init__(self, course: Course):
        self.not_collected = ""
        self.course = course
        self.checks = {check.name: check for task in course.tasks for check in task.checks}

    def has_checks_of(self, course: Course) -> bool:
        """Return whether it has the checks of a course, with their inputs: perhaps among others."""
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
        self.submission, self.course, self.deadline = submission, course, deadline
        self.tasks = {task.id: task for task in course.tasks if not tasks or task.id in tasks}
        self.checks = {check.name: check for task in self.tasks.values() for check in task.checks}
        self.results: dict[str, Result] = {}
        self.failed: dict[str, Answer] = {}
        self.passed: dict[str, Answer] = {}
        self.changes: dict[str, set[str]] = {}
        self.notes: list[str] = []
        self.costs: dict[str, float] = {}
        self.incidents: list[str] = []
        self.times = {"checks": 0.0}
        self.started = time.process_time()
        self.session: Session | None = None
        self.substitutes = True
        imports = imports_for(self.tasks.values())
        report = self.incidents.append
        self.worker = Worker(submission, course, tier, slot, imports, deadline, shared, report)
        self.worker.ready()

    def run(self, session: pytest.Session) -> None:
        """Run the checks of the chosen tasks, in the order in which they were collected.

        What need not run, since its answers equal those of a submission that passed, runs at the
        end where another check of its task failed: its answers help to tell which mistake it is.
        What failed with the reference in place of an earlier task that may be wrong runs once more
        with the submission's own: code may agree with its own mistake. What calls left behind is
        charged last.
        """
        chosen = [item for item in session.items if _check_name(item) in self.checks]
        marked = [item for item in chosen if item.get_closest_marker("no_mutation")]
        self.no_mutation = [_check_name(item) for item in marked]
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
        """Fail the `no_mutation` check of a task if one of its calls left something behind.

        That costs once, however many of its checks it happened in. Where several are so marked,
        those fail in which it happened, or the first one. What an import left behind costs the
        first task of the module. Seeding torch is free in a task that asks for a `seed`.
        """
        if not any(self.changes.get(check.name) for check in task.checks):
            return
        in_module = [each for each in self.course.all_tasks if each.module == task.module]
        pardoned = set() if in_module[0].id == task.id else {"import"}
        if task.name and takes_seed(reference(task)):  # a wrapper of theirs does not tell
            pardoned.add("seed")
        found = {
            check.name: self.changes.get(check.name, set()) - pardoned for check in task.checks
        }
        changed = [name for name, keys in found.items() if keys]
        marked = [name for name in self.no_mutation if name in found]
        for name in [name for name in marked if found[name]] or (marked[:1] if changed else []):
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
        """Return whether the answers of a check equal those of a submission that passed it."""
        name = _check_name(item)
        task, script = self.tasks[self.checks[name].task], scripts.find(self.course.salt, name)
        if script is None:
            return False
        start, spent = time.monotonic(), (self.worker.spent_cpu, self.worker.spent_wall)
        try:
            replaced = self._replaced(task)
            with self.worker.conversation(task, replaced, REPLAY_SECONDS) as session:
                passes = script.passes(session.recorder)
        except (WireError, SandboxError, UsedUp):
            passes = False
        seconds = time.monotonic() - start
        if passes:
            self.results[name] = Result(name, CheckStatus.PASSED, seconds=seconds)
            self.times["checks"] += seconds
        else:  # it is not charged for what the autograder tried
            self.worker.spent_cpu, self.worker.spent_wall = spent
        return passes

    def files(self) -> list[str]:
        """Return where the checks stand; nothing else is imported, be it of a part that is off."""
        return sorted({check.file for check in self.checks.values()})

    # Fixtures

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Iterator[Student]:
        task = self.tasks[request.node.get_closest_marker("task").args[0]]
        with self.worker.conversation(task, self._replaced(task)) as session:
            self.session = session
            yield Student(session, {task.name} - {""})

    def _replaced(self, task: Task) -> list[Task]:
        """Return the earlier tasks of a task for which the reference answers in its checks."""
        if not self.substitutes:
            return []
        return [
            used
            for used in self.course.all_tasks
            if used.id in task.uses and not (task.trust_when_passed and self._is_right(used.checks))
        ]

    def _is_right(self, checks: tuple[Check, ...]) -> bool:
        """Return whether all checks of a task have passed by now."""
        found = [self.results.get(check.name) for check in checks]
        return all(result is not None and result.status is CheckStatus.PASSED for result in found)

    @pytest.fixture
    def draw(self, request: pytest.FixtureRequest) -> Draw:
        return Draw(self.course.salt, request.node.name)

    def experiment_fixtures(self) -> object:
        """Return a plugin with a fixture per experiment, of its name: the verified experiment."""

        def fixture(experiment: Experiment) -> Any:
            @pytest.fixture(scope="session", name=experiment.name)
            def verified(_: object) -> object:
                return self._verified(experiment)

            return verified

        made = {name: fixture(experiment) for name, experiment in experiments().items()}
        return type("ExperimentFixtures", (), made)()

    def _verified(self, experiment: Experiment) -> object:
        """Return an experiment, verified; the child that measures it holds no student code."""
        start = time.monotonic()
        plan = {"functions": {"measure": experiment.measure}, "trusted": True}
        session = self.worker.open(plan, experiment.cpu_seconds, 2 * experiment.cpu_seconds, {})
        try:
            session.peer.call(OPEN)
            seed = seed_of(self.course.salt, experiment.name)
            mounted = os.path.join(self.worker.ready().paths()["submission"], self.worker.inside())
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
        config.option.tbstyle = "native"  # pytest's own style parses source
        for line in MARKERS:
            config.addinivalue_line("markers", line)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Turn tracebacks off: from here on nobody reads pytest's reports."""
        session.config.option.tbstyle = "value"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put experiments first, while no student code has run; then public, then hidden checks.

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
            self.failed |= self._answer(name, error)
        evidence = self._evidence(error)
        message = message[:MAX_MESSAGE]
        return Result(name, CheckStatus.FAILED, cause, message, evidence, call.duration)

    def _without_error(self, name: str, seconds: float) -> Result:
        if self.session is not None and self.session.calls == 0:
            self.incidents.append(f"{name} passed without calling the submission")
            return _undecided(name, NOT_CALLED)
        self.passed |= self._answer(name)
        session, trusted = self.session, self.tasks[self.checks[name].task].trust_when_passed
        if session is not None and not session.peer.changed and not trusted:
            scripts.note(self.course.salt, name, session.recorder)
        return Result(name, CheckStatus.PASSED, seconds=seconds)

    def _answer(self, name: str, error: BaseException | None = None) -> dict[str, Answer]:
        """Return the check's last answer, unless too large, to compare with known mistakes'."""
        session = self.session
        if session is None or not session.last:
            return {}
        if isinstance(error, RemoteError) and not session.returned:
            if error.kind in UNTELLING or NO_MEMORY in error.message:
                return {}
            returned: Any = Raised(error.kind, error.message)
        elif elements(session.returned) in range(1, MAX_DIAGNOSED_ELEMENTS):
            returned = session.returned[0]
        else:
            return {}
        _, args, kwargs = session.last
        return {name: Answer(self.tasks[self.checks[name].task], args, kwargs, returned)}

    def _is_own_fault(self, error: BaseException) -> bool:
        """Return whether the autograder failed, and not the submission: no verdict then."""
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
        """Return the last call, what it returned, and what was expected, as text."""
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
        """Return why a check failed: the cause, and a sentence for people."""
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
        """Return why the child is gone; note a death that is not the submission's doing."""
        how = self.session.close() if self.session else None
        limits = self.course.limits
        if isinstance(how, Ending) and (how.over == "cpu" or how.signal == "SIGXCPU"):
            when = "" if self._is_imported() else ", while your module was imported"
            return Cause.CPU, f"used more than {limits.check_cpu_s:g} CPU seconds{when}"
        if isinstance(how, Ending) and how.over:
            return Cause.KILLED, f"its processes took more than {limits.memory_mb} MB together"
        if isinstance(how, Ending) and how.signal == "SIGKILL":
            return Cause.KILLED, "was killed: it used too much time or memory"
        told = how.value if isinstance(how, WorkerFault) else str(how)
        if not (isinstance(how, Ending) and how.exit_code is not None):
            self.incidents.append(f"{name}: the process that ran the code ended ({told})")
        return Cause.DIED, f"the process that ran your code ended ({told})"

    def _is_imported(self) -> bool:
        return self.session is not None and self.session.opened

    def _import_advice(self, error: RemoteError) -> str:
        """Say what to do where a module wants a file when it is imported: grading has none."""
        if self._is_imported() or not NO_FILE & set(error.type_names):
            return ""
        return f": {NO_FILE_ADVICE}"

    def _report(self, incident: str) -> None:
        self.incidents.append(incident[:MAX_MESSAGE])

    def verdict(self) -> Verdict:
        """Return the results; a check that left none is not graded."""
        for name in self.checks.keys() - self.results.keys():
            self.incidents.append(f"{name}: no result")
            self.results[name] = _undecided(name)
        notes = list(dict.fromkeys(self.notes))
        diagnoses = diagnose(self.failed, self.passed.values())
        spent = {"start": self.worker.started_s, "worker_cpu": self.worker.cpu_s}
        times = self.times | spent | {"judge_cpu": time.process_time() - self.started}
        return Verdict(
            self.results,
            diagnoses,
            notes,
            self.incidents,
            times,
            self.worker.isolation,
            self.costs,
        )


def _run(item: pytest.Item) -> None:
    """Run one check; of all fixtures, those of the session stay for the next one."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=item.session)


def _experiments_of(item: Any) -> set[str]:
    """Return the experiments whose fixtures a check uses."""
    return experiments().keys() & set(item.fixturenames)


def _check_name(item: Any) -> str:
    return item.originalname.removeprefix("test_")


def _undecided(name: str, message: str = UNDECIDED) -> Result:
    return Result(name, CheckStatus.NOT_GRADED, Cause.UNDECIDED, message)


def _innermost(error: BaseException) -> BaseException:
    """Return the error that a check really failed with, where hypothesis or autograd wrapped it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
