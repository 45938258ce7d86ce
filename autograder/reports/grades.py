"""From a record to a grade: lateness and the instructor's decisions, applied to what was found.

Records hold only the autograder's result. All here is a pure function of record, course and
decisions, so regrading never loses what was decided by hand.
"""

import math
from dataclasses import dataclass, fields, replace
from datetime import datetime

from autograder.course import Course, Late, Task
from autograder.judging.record import CheckRecord, Record, RecordStatus, TaskRecord, TaskStatus
from autograder.judging.score import with_tasks
from autograder.reports.adjustments import Bonus, Decisions, Extension, Override
from autograder.reports.marks import Marked
from autograder.reports.regrade_requests import Asked
from autograder.reports.roster import Person
from autograder.reports.times import FILE_TIME, Submitted
from autograder.text import board_name

DAY = 24 * 60 * 60


@dataclass(frozen=True)
class TaskByHand(TaskRecord):
    """A task whose points were set by hand, with the checks as the judge left them."""

    reason: str
    autograder_score: float | None
    """None where the judge gave none."""


@dataclass(frozen=True)
class Grade:
    """What a submission is worth in the end, and how that came about."""

    record: Record
    """The judge's record with the points of single tasks that were set by hand."""
    autograder_score: float
    """The score before lateness and what is decided by hand."""
    overrides: tuple[Override, ...]
    submitted: Submitted | None
    due: datetime | None
    """With this student's extension."""
    extension: Extension | None
    days_late: int
    """Days begun after `due`; 0 within the grace period."""
    confirmed: bool
    """False where only the file's own time says that it is late: that costs nothing."""
    penalty: float
    """Points that lateness costs."""
    score: float
    """The final score."""
    decided: bool
    """Whether there is a score to hand out: "not graded" is never a zero, refused as chosen."""
    attempt: str = ""
    """Which of several attempts this is, in words; empty where there is one."""
    person: Person | None = None
    requests: tuple[Asked, ...] = ()
    """What the student has asked to have looked at again."""
    marked: Marked | None = None
    """The marks of the report; None where they are no part of the score."""
    bonus: tuple[Bonus, ...] = ()
    shared_by: str = ""
    """Who handed in for this member of a group; empty for whoever did."""
    shared_with: tuple[str, ...] = ()
    """The members of the group for whom this student handed in."""
    board_name: str = ""
    """The name on the leaderboard; empty where there is none."""
    slipped: int = 0
    """Slip days that this submission uses up: late days that cost nothing."""

    @property
    def points(self) -> float:
        """What the score is out of."""
        return self.record.points + (self.marked.of if self.marked else 0)

    @property
    def unmarked(self) -> tuple[str, ...]:
        """The questions of the report that the score waits for."""
        waits = self.record.status is RecordStatus.GRADED
        waits = waits and all(override.task for override in self.overrides)
        return self.marked.missing if self.marked and waits else ()

    @property
    def student(self) -> str:
        return self.record.student


def grade_of(record: Record, course: Course, decisions: Decisions) -> Grade:
    """Apply overrides of tasks, then the late policy, then an override of the whole score."""
    overrides = decisions.overrides.get(record.student, ())
    adjusted = _with_overrides(record, overrides, course)
    extension = decisions.extensions.get(record.student)
    grade = Grade(
        record=adjusted,
        autograder_score=record.score,
        overrides=overrides,
        submitted=decisions.submitted.get(record.student),
        due=_due(course.late, extension),
        extension=extension,
        days_late=0,
        confirmed=True,
        penalty=0.0,
        score=adjusted.score,
        decided=adjusted.status in _with_score(course),
        attempt=decisions.attempts.get(record.student, ""),
        person=decisions.people.get(record.student),
        board_name=_board_name(record, course),
        shared_by=decisions.members.get(record.student, ""),
        shared_with=_sharing(record.student, decisions),
        requests=decisions.requests.get(record.student, ()),
        marked=decisions.marked.get(record.student),
        bonus=decisions.bonus.get(record.student, ()),
    )
    return _with_whole_override(_scored(grade, course))


def _scored(grade: Grade, course: Course) -> Grade:
    """Return the grade with the report's points and bonus, less what lateness costs."""
    found = grade.record.score + (grade.marked.points if grade.marked else 0)
    late, submitted, due = course.late, grade.submitted, grade.due
    if late and submitted and due and (days := days_late(submitted.time, due, late)):
        grade = replace(grade, days_late=days, confirmed=submitted.source != FILE_TIME)
    if late and grade.days_late and grade.confirmed:
        slipped = slip_days(grade.days_late, late, grade.person)
        penalty = late_penalty(found, grade.days_late, late, slipped)
        grade = replace(grade, slipped=slipped, penalty=penalty)
    most = course.submissions.maximum or grade.points
    score = min(most, found - grade.penalty + sum(each.points for each in grade.bonus))
    return replace(grade, score=round(score, 2))


def _with_whole_override(grade: Grade) -> Grade:
    """Return the grade after an override of the whole score; no score while marks are missing."""
    for override in grade.overrides:
        if override.task is None:
            grade = replace(grade, penalty=0.0, slipped=0, score=override.points)
    return replace(grade, decided=False) if grade.unmarked else grade


def _board_name(record: Record, course: Course) -> str:
    shown = course.leaderboard and record.costs
    return board_name(record.student, course.salt) if shown else ""


def _sharing(student: str, decisions: Decisions) -> tuple[str, ...]:
    return tuple(member for member, owner in decisions.members.items() if owner == student)


def _with_score(course: Course) -> set[RecordStatus]:
    zero = course.submissions.refused == "zero"
    return {RecordStatus.GRADED, RecordStatus.REFUSED} if zero else {RecordStatus.GRADED}


def _due(late: Late | None, extension: Extension | None) -> datetime | None:
    if extension is not None:
        return extension.until
    return late.due if late is not None else None


def without_held_back(record: Record, course: Course, due: datetime | None) -> Record:
    """Return what a student may be told by now: hidden checks' diagnoses perhaps after `due` only.

    Each tells a bit more of a hidden input than whether its check passes.
    """
    waits = course.submissions.hidden_diagnoses == "after_due_date"
    if not waits or due is None or datetime.now(due.tzinfo) > due:
        return record
    tasks = (
        replace(task, checks=tuple(map(_without_hidden_diagnosis, task.checks)))
        for task in record.tasks
    )
    return replace(record, tasks=tuple(tasks))


def _without_hidden_diagnosis(check: CheckRecord) -> CheckRecord:
    return check if check.visibility == "public" else replace(check, diagnosis="")


def days_late(submitted: datetime, due: datetime, late: Late) -> int:
    """Return days begun after `due` by the clock on the wall; 0 up to the end of the grace period.

    A day ends at the same time of the day as `due`, also where the clocks change in between.
    """
    if submitted.timestamp() - due.timestamp() <= 60 * late.grace_minutes:
        return 0
    wall = [each.astimezone(late.timezone).replace(tzinfo=None) for each in (submitted, due)]
    return max(1, math.ceil((wall[0] - wall[1]).total_seconds() / DAY))


def slip_days(days: int, late: Late, person: Person | None = None) -> int:
    """Return how many of so many late days cost nothing; none once nothing is accepted any more."""
    left = late.slip_days
    if person is not None and person.slip_days is not None:
        left = person.slip_days
    return min(days, left) if late.days is None or days <= late.days else 0


def late_penalty(score: float, days: int, late: Late, slipped: int = 0) -> float:
    """Return points that so many days cost; all of them once submissions are no longer accepted.

    Args:
        slipped: how many of the days cost nothing.
    """
    if late.days is not None and days > late.days:
        return score
    share = min(late.cap_percent, (days - slipped) * late.percent_per_day) / 100
    return min(score, round(score * share, 2))


def _with_overrides(record: Record, overrides: tuple[Override, ...], course: Course) -> Record:
    """Return the record with points set by hand; a task decided so needs no verdict any more."""
    if not overrides:
        return record
    by_task = {override.task: override for override in overrides}
    graded = {task.id: task for task in record.tasks}
    tasks = [
        made
        for task in course.tasks
        if (made := _overridden(graded.get(task.id), task, by_task.get(task.id)))
    ]
    totals = with_tasks(record, tasks, course)
    judged = bool(graded) or record.status is RecordStatus.REFUSED
    settled = judged and tasks and totals.status is RecordStatus.GRADED
    return replace(
        totals,
        parts=totals.parts if tasks else (),
        status=RecordStatus.GRADED if settled or None in by_task else record.status,
        reason=totals.reason or record.reason,
    )


def _overridden(
    graded: TaskRecord | None, task: Task, override: Override | None
) -> TaskRecord | None:
    if override is None:
        return graded
    blank = TaskRecord(task.id, task.title, task.points, 0, TaskStatus.SET_BY_HAND, ())
    values = {each.name: getattr(graded or blank, each.name) for each in fields(TaskRecord)}
    values |= {"status": TaskStatus.SET_BY_HAND, "score": override.points}
    undecided = graded is None or graded.status is TaskStatus.NOT_GRADED
    score = None if undecided or graded is None else graded.score
    return TaskByHand(**values, reason=override.reason, autograder_score=score)
