"""The worker of one submission, and the conversations with the children that serve its checks."""

import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from autograder.course import Course, Limits, Task
from autograder.judging.reference import reference
from autograder.judging.replay import Recorder
from autograder.judging.served import Budget
from autograder.sandbox.inside.wire import OPEN, Channel, Peer
from autograder.sandbox.sandbox import Ending, Sandbox, SandboxError, SandboxSlow, Tier


class UsedUp(Exception):
    """The checks before this one used up the time that all have together."""


class WorkerFault(Enum):
    """Why it is not known how the process of a check ended: its worker is of no use any more."""

    ENDED = "the worker ended with it"
    UNTIDY = "it left more than could be cleaned up"


def imports_for(tasks: Iterable[Task]) -> tuple[str, ...]:
    """Return what a worker had better import once for all checks of some tasks.

    It is what the first optimizer imports, where a task trains: as long as 500 steps take.
    """
    return ("torch._dynamo",) if any(task.trust_when_passed for task in tasks) else ()


@dataclass
class Session:
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


class Student:
    """The call surface of a submission: `student.gaussian_kl(mean, log_var)`."""

    def __init__(self, session: Session, names: Collection[str]):
        self._session, self._names = session, names

    def __getattr__(self, name: str) -> Callable:
        if name not in self._names:
            raise AttributeError(f"{name} is not the function of this check's task")
        return lambda *args, **kwargs: self._session.call(name, *args, **kwargs)


class Worker:
    """The worker of one submission, started when first wanted, and what its checks have used.

    Args:
        submission: folder with the submission's `rdlab` and `runs`.
        imports: libraries that it imports once for all checks.
        deadline: of time.monotonic(); no check is opened after it.
        shared: a running worker that has the submission in a folder of its own, and others beside
            it; it is left running. None means one for this submission alone.
        report: is told, in a sentence, of a worker that had to be replaced.
    """

    def __init__(
        self,
        submission: Path,
        course: Course,
        tier: Tier,
        slot: int,
        imports: tuple[str, ...],
        deadline: float,
        shared: Sandbox | None,
        report: Callable[[str], None],
    ):
        self.submission, self.course, self.tier, self.slot = submission, course, tier, slot
        self.imports, self.deadline = imports, deadline
        self.sandbox, self.shared = shared, shared
        self.isolation = shared.detail if shared else ""
        self._report = report
        self.started_s = self.cpu_s = 0.0
        self.spent_cpu = self.spent_wall = 0.0

    def ready(self) -> Sandbox:
        """Return the sandbox it runs in; start it where there is none.

        Raises:
            SandboxError: it cannot be started.
        """
        if self.sandbox is None:
            start = time.monotonic()
            self.sandbox = Sandbox(
                self.tier, self.submission, self.course.limits, self.slot, self.imports
            )
            self.isolation = self.sandbox.detail
            self.started_s += time.monotonic() - start
        return self.sandbox

    def stop(self) -> None:
        """Stop it, unless it is shared."""
        if self.sandbox is not None and self.sandbox is not self.shared:
            self.sandbox.stop()
            self.cpu_s += self.sandbox.cpu_seconds
        self.sandbox = None

    def inside(self) -> str:
        """Return the submission's folder within what is mounted: "." but in a shared sandbox."""
        return str(self.submission.resolve().relative_to(self.ready().submission))

    @contextmanager
    def conversation(
        self, task: Task, earlier: list[Task], patience: float = math.inf
    ) -> Iterator[Session]:
        """Have a child serve one check of a task; count what it takes of the submission's time.

        Args:
            earlier: the tasks that it uses for which the reference answers.
            patience: seconds on the clock, where that is less than a check may take.

        Raises:
            UsedUp: the checks so far took all the time that a submission has.
        """
        names = {task.name: task.function} if task.name else {}
        modules = {used.module for used in earlier} - {task.module}
        beside = [each for each in self.course.all_tasks if each.name and each.module in modules]
        plan = {
            "functions": names,
            "uses": {used.name: used.function for used in earlier},
            "beside": {each.name: each.function for each in beside},
        }
        limits = self.course.limits
        budget = Budget(limits.check_cpu_s, limits.check_wall_s)
        served = {used.name: budget.limited(reference(used)) for used in [*earlier, *beside]}
        self._refuse_if_used_up(limits)
        start = time.monotonic()
        wall_s = min(limits.check_wall_s, patience)
        session = self.open(plan, limits.check_cpu_s, wall_s, served)
        cpu = self.ready().cpu_seconds
        try:
            yield session
        finally:
            session.close()
            self.spent_wall += time.monotonic() - start
            self.spent_cpu += budget.used
            if self.sandbox is not None:  # what a worker that is gone had used is not known
                self.spent_cpu += self.sandbox.cpu_seconds - cpu

    def open(self, plan: dict, cpu_s: float, wall_s: float, served: dict[str, Callable]) -> Session:
        """Have a child serve a plan of `inside.worker`; the caller closes the session.

        Raises:
            SandboxError: the time for this submission is used up, or no worker can be started.
        """
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
        return Session(Peer(recorder, served.__getitem__), recorder, close)

    def _channel(self, plan: dict, wall_s: float) -> Channel:
        return self.ready().open(plan | {"inside": self.inside()}, wall_s)

    def _end(self) -> Ending | WorkerFault:
        try:
            return self.ready().end()
        except SandboxError as error:
            self._replace(error)
            return WorkerFault.UNTIDY if isinstance(error, SandboxSlow) else WorkerFault.ENDED

    def _replace(self, error: SandboxError) -> None:
        """Leave a worker that is of no use any more; the next check starts another."""
        self._report(f"the worker was replaced: {error}")
        self.stop()

    def _refuse_if_used_up(self, limits: Limits) -> None:
        for spent, allowed, of in (
            (self.spent_cpu, limits.submission_cpu_s, "CPU seconds"),
            (self.spent_wall, limits.submission_wall_s, "seconds on the clock"),
        ):
            if spent >= allowed:
                raise UsedUp(f"the checks before it used up the {allowed:g} {of} that all have")
