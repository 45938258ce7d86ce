"""From results to points: the one grade record that everything else is rendered from."""

import hashlib
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from operator import is_
from pathlib import Path

from autograder import ROOT
from autograder.course import Check, Course, Part, Task
from autograder.intake.submission import Intake
from autograder.judging.record import (
    Cause,
    CheckRecord,
    CheckStatus,
    Earlier,
    Isolation,
    PartRecord,
    Record,
    RecordStatus,
    Submission,
    TaskRecord,
    TaskStatus,
)
from autograder.judging.results import Result, Verdict

PACKAGES = ("torch", "numpy", "hypothesis", "pytest", "safetensors", "constriction")


def graded_record(
    course: Course, path: Path, intake: Intake, verdict: Verdict, tier: str, seconds: float
) -> Record:
    """Return the record of a submission whose checks were run.

    Points of checks that were not graded are missing from the score; the record's status then
    says "not graded", so that nobody takes a fault of the autograder for a zero.
    """
    chosen = [task for task in course.tasks if task.checks[0].name in verdict.results]
    tasks = [_task(task, verdict.results, verdict.diagnoses) for task in chosen]
    submission = Submission(
        path=str(path),
        sha256=intake.sha256,
        files=len(intake.files),
        left_out=intake.left_out,
        file_notes=intake.notes,
        experiment_notes=tuple(verdict.notes),
        missing=intake.missing,
        changed=intake.changed,
        arrangement=intake.arrangement,
    )
    record = replace(
        _empty_record(course, path, intake.student),
        submission=submission,
        isolation=Isolation(str(tier), verdict.isolation),
        times={"total": seconds, **verdict.times},
        incidents=tuple(verdict.incidents),
        costs=verdict.costs,
    )
    return with_tasks(record, tasks, course)


def with_tasks(record: Record, tasks: Sequence[TaskRecord], course: Course) -> Record:
    """Return the record with these tasks, and what it says of them together.

    That is the score, the points by part, and whether all is decided.
    """
    undecided = [task.id for task in tasks if task.status is TaskStatus.NOT_GRADED]
    return replace(
        record,
        score=sum(task.score for task in tasks),
        status=RecordStatus.NOT_GRADED if undecided else RecordStatus.GRADED,
        reason=f"no verdict on task {', '.join(undecided)}" if undecided else "",
        parts=tuple(_part(part, course, tasks) for part in course.parts),
        tasks=tuple(tasks),
    )


def with_current_texts(record: Record, course: Course) -> Record:
    """Return the record with titles and hints as the course has them now; verdicts stay."""
    known = {task.id: task for task in course.tasks}
    checks = {check.name: check for task in course.tasks for check in task.checks}
    parts = {part.number: part.title for part in course.parts}

    def told(check: CheckRecord) -> CheckRecord:
        now = checks.get(check.name)
        if now is None or (check.title, check.hint) == (now.title, now.hint):
            return check
        return replace(check, title=now.title, hint=now.hint)

    def of_task(task: TaskRecord) -> TaskRecord:
        title = known[task.id].title if task.id in known else task.title
        checks = tuple(map(told, task.checks))
        if title == task.title and all(map(is_, checks, task.checks)):
            return task
        return replace(task, title=title, checks=checks)

    return replace(
        record,
        course=course.title,
        parts=tuple(replace(p, title=parts.get(p.number, p.title)) for p in record.parts),
        tasks=tuple(map(of_task, record.tasks)),
    )


def merged(before: Record, graded: Record, course: Course) -> Record:
    """Return the fresh record; tasks that were not graded again keep their earlier results."""
    fresh = {task.id: task for task in graded.tasks}
    earlier = {task.id: task for task in before.tasks if task.id not in fresh}
    same = before.submission.sha256 == graded.submission.sha256
    if not fresh or not earlier or not same:
        return graded
    both = earlier | fresh
    tasks = [both[task.id] for task in course.tasks if task.id in both]
    return replace(
        with_tasks(graded, tasks, course),
        incidents=tuple(dict.fromkeys(before.incidents + graded.incidents)),
        earlier=Earlier(tuple(earlier), before.versions),
        costs=graded.costs or before.costs,
    )


def ungraded_record(
    course: Course, path: Path, student: str, status: RecordStatus, reason: str
) -> Record:
    """Return the record of a submission that was refused, or not graded by our own fault."""
    return replace(_empty_record(course, path, student), status=status, reason=reason)


def _empty_record(course: Course, path: Path, student: str) -> Record:
    return Record(
        course=course.title,
        student=student,
        submission=Submission(str(path)),
        score=0,
        points=course.points,
        status=RecordStatus.NOT_GRADED,
        reason="",
        parts=(),
        tasks=(),
        isolation=Isolation(),
        versions=versions(),
        cache_key="",
        seed=hashlib.sha256(course.salt.encode()).hexdigest()[:16],
        times={"total": 0.0},
        incidents=(),
    )


def _task(task: Task, results: dict[str, Result], diagnoses: dict[str, str]) -> TaskRecord:
    checks = tuple(_check(check, results[check.name], diagnoses) for check in task.checks)
    score = sum(check.earned for check in checks)
    return TaskRecord(task.id, task.title, task.points, score, status_of(checks), checks)


def status_of(checks: Iterable[CheckRecord]) -> TaskStatus:
    """Return what the checks of a task say together."""
    checks = list(checks)
    statuses = {check.status for check in checks}
    if CheckStatus.NOT_GRADED in statuses:
        return TaskStatus.NOT_GRADED
    if statuses == {CheckStatus.PASSED}:
        return TaskStatus.PASSED
    if all(check.cause is Cause.NOT_STARTED for check in checks):
        return TaskStatus.NOT_STARTED
    return TaskStatus.PARTIAL if CheckStatus.PASSED in statuses else TaskStatus.FAILED


def _check(check: Check, result: Result, diagnoses: dict[str, str]) -> CheckRecord:
    return CheckRecord(
        name=check.name,
        title=check.title,
        visibility=check.visibility,
        status=result.status,
        points=check.points,
        earned=check.points if result.status is CheckStatus.PASSED else 0,
        hint=check.hint,
        cause=result.cause,
        message=result.message,
        call=result.evidence.call,
        returned=result.evidence.returned,
        expected=result.evidence.expected,
        diagnosis=diagnoses.get(check.name, ""),
        seconds=round(result.seconds, 4),
    )


def _part(part: Part, course: Course, tasks: Iterable[TaskRecord]) -> PartRecord:
    ids = {task.id for task in course.tasks if task.part == part.number}
    score = sum(task.score for task in tasks if task.id in ids)
    return PartRecord(part.number, part.title, score, part.points)


@cache
def versions() -> dict[str, str]:
    """Return the versions of what took part; `checks` names course.toml and the tests.

    Students may see it: so nothing of the salt is in it, which could be guessed from a digest.
    """
    settings = (ROOT / "course.toml").read_text(encoding="utf-8")
    digest = hashlib.sha256(re.sub("(?m)^salt *=.*$", "", settings).encode())
    for file in sorted((ROOT / "tests").glob("*/*.py")):
        if file.parent.name in ("public", "hidden"):
            digest.update(file.read_bytes())
    # constriction is not built for Linux on ARM, where rdlab.lab.ans stands in.
    packages = {name: version(name) for name in PACKAGES if find_spec(name)}
    return {"python": platform.python_version(), **packages, "checks": digest.hexdigest()[:16]}
