"""The grade record: what the judge found in one submission, as one typed, immutable object.

Everything that is shown, summed or handed out is made from it. It is written to record.json as it
is here, field by field. Nothing in this file needs torch.
"""

import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from autograder import typed_json
from autograder.files import write_whole

FORMAT = 4
"""Raised whenever a field is added, dropped or comes to mean something else."""
READABLE = (2, 3, FORMAT)
"""Earlier formats that lack nothing but fields with a default."""
RECORD_FILE = "record.json"


class Cause(StrEnum):
    """Why a check has not passed; the sentence beside it is for people alone."""

    NOT_STARTED = "not_started"
    """The function is still the released stub."""
    MISMATCH = "mismatch"
    """What came back is not what is right."""
    ARGUMENT_CHANGED = "argument_changed"
    STATE_CHANGED = "state_changed"
    """A call, or an import, left a setting or a model in another state than it found."""
    RAISED = "raised"
    EXITED = "exited"
    """The code asked Python to exit."""
    TIME = "time"
    """No answer in time, by the clock."""
    CPU = "cpu"
    KILLED = "killed"
    """By the kernel: too much memory, or far too much time."""
    DIED = "died"
    """The process ended in another way, such as a crash in native code."""
    UNUSABLE = "unusable"
    """What came back cannot be sent to the judge, or not be used by the check."""
    PROTOCOL = "protocol"
    """What came back is no message of the worker's."""
    UNDECIDED = "undecided"
    """A fault of the autograder or the machine."""


BROKE_OFF = frozenset({Cause.RAISED, Cause.EXITED, Cause.DIED, Cause.KILLED, Cause.PROTOCOL})
"""The submission gave no answer, for another reason than its time."""
DEPENDS_ON_EARLIER = frozenset({Cause.MISMATCH, Cause.RAISED, Cause.UNUSABLE})
"""What the values of an earlier task's function may bring about, and other values prevent."""
CRASHED = frozenset({Cause.DIED, Cause.KILLED})
TOO_SLOW = frozenset({Cause.TIME, Cause.CPU})


class CheckStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_GRADED = "not graded"


class TaskStatus(StrEnum):
    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_STARTED = "not started"
    NOT_GRADED = "not graded"
    SET_BY_HAND = "set by hand"


class RecordStatus(StrEnum):
    GRADED = "graded"
    REFUSED = "refused"
    """The submission could not be taken in."""
    NOT_GRADED = "not graded"
    """A fault of the autograder or the machine, on one task or on all: never a zero."""


@dataclass(frozen=True)
class CheckRecord:
    """One check; the call, what it returned and what was expected are texts, maybe empty."""

    name: str
    title: str
    visibility: str
    """"public" or "hidden"."""
    status: CheckStatus
    points: float
    earned: float
    hint: str
    cause: Cause | None
    """None where the check passed."""
    message: str
    call: str
    returned: str
    expected: str
    diagnosis: str
    """What a student is told of the known mistake that this answer is; else empty."""
    seconds: float


@dataclass(frozen=True)
class TaskRecord:
    id: str
    title: str
    points: float
    score: float
    status: TaskStatus
    checks: tuple[CheckRecord, ...]

    def has_cause(self, causes: Collection[Cause]) -> bool:
        """Return whether one of the checks did not pass for one of these causes."""
        return any(check.cause in causes for check in self.checks)


@dataclass(frozen=True)
class PartRecord:
    number: int
    title: str
    score: float
    points: float


@dataclass(frozen=True)
class Submission:
    """What was taken in; notes are one sentence each."""

    path: str
    sha256: str = ""
    """Of paths and contents; empty where the submission was refused or never read."""
    files: int = 0
    left_out: tuple[str, ...] = ()
    file_notes: tuple[str, ...] = ()
    """On files that Python cannot read."""
    experiment_notes: tuple[str, ...] = ()
    """On runs that could not be verified."""
    missing: tuple[str, ...] = ()
    """Modules of task functions that were not handed in."""
    changed: tuple[str, ...] = ()
    """Given files that were changed; the course's own took their place."""
    arrangement: str = ""
    """What was taken for what; empty where all was as the handout asks for."""

    @property
    def notes(self) -> tuple[str, ...]:
        arranged = (self.arrangement,) if self.arrangement else ()
        return arranged + self.file_notes + self.given_notes + self.experiment_notes

    @property
    def given_notes(self) -> tuple[str, ...]:
        """What was not graded as it was handed in."""
        absent = [
            f"{file} was not handed in: the released file took its place" for file in self.missing
        ]
        changed = [
            f"{file} is given code and was changed: it was graded with the course's own"
            for file in self.changed
        ]
        return (*absent, *changed)


@dataclass(frozen=True)
class Isolation:
    tier: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Earlier:
    """After a regrade of some tasks: the ids of the others, and the versions that graded them."""

    tasks: tuple[str, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class Record:
    """One graded submission."""

    course: str
    student: str
    submission: Submission
    score: float
    points: float
    status: RecordStatus
    reason: str
    """Why it is not graded or refused; else empty."""
    parts: tuple[PartRecord, ...]
    tasks: tuple[TaskRecord, ...]
    isolation: Isolation
    versions: dict[str, str]
    cache_key: str
    """Equal for gradings that give the same record, apart from times."""
    seed: str
    """A digest of the salt."""
    times: dict[str, float]
    """Seconds; "total" is always there."""
    incidents: tuple[str, ...]
    earlier: Earlier | None = None
    regrade_failure: str = ""
    """Why it could not be graded again later, so that this verdict stays; else empty."""
    costs: dict[str, float] = field(default_factory=dict)
    """What trained models cost as the judge measured them; less is better."""
    format: int = FORMAT

    @property
    def cause(self) -> str:
        """The first line of the reason: a sentence, maybe with details in the lines after it."""
        return (self.reason.strip().splitlines() or ["no reason is known"])[0]

    def checks(self) -> Iterator[CheckRecord]:
        """Yield the checks of all tasks."""
        return (check for task in self.tasks for check in task.checks)


def standing(previous: Record | None, new: Record) -> Record:
    """Return the record that counts: only a verdict takes the place of a verdict.

    A new record without a verdict on as many checks as the previous one leaves that, with the
    reason why it could not be graded again.
    """
    if previous is None or _decided(new) >= _decided(previous):
        return new
    return replace(previous, regrade_failure=new.cause)


def _decided(record: Record) -> float:
    if record.status is not RecordStatus.NOT_GRADED:
        return math.inf
    return sum(check.status is not CheckStatus.NOT_GRADED for check in record.checks())


class RecordError(Exception):
    """A record cannot be read; the message says why, without the file's name."""


def to_text(record: Record) -> str:
    """Return the text of record.json."""
    data = {"format": record.format, **typed_json.to_json(record)}
    if record.earlier is None:
        del data["earlier"]
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def from_text(text: str | bytes) -> Record:
    """Return the record that `to_text` wrote.

    Raises:
        RecordError: it is damaged, or of another version of the autograder.
    """
    try:
        data = json.loads(text)
        written_as = data.get("format")
        if isinstance(written_as, int) and written_as not in READABLE:
            raise RecordError(f"is of another version of the autograder (format {written_as})")
        return typed_json.from_json(Record, {**data, "format": FORMAT})
    except (ValueError, AttributeError, RecursionError) as error:
        raise RecordError(f"is damaged ({error})") from None


def write_record(record: Record, out: Path) -> None:
    """Write out/<student>/record.json, whole or not at all."""
    folder = out / record.student
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / RECORD_FILE, to_text(record))


def read_record(path: Path) -> Record | None:
    """Return the record in a file, or None where there is no such file.

    Raises:
        RecordError: it is damaged, or of another version of the autograder.
    """
    try:
        return from_text(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(f"cannot be read ({error.strerror})") from None
