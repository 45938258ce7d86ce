"""From a record to a grade: lateness and the instructor's decisions, applied to what was found.

Records stay as the judge wrote them. All here is a pure function of record, course and decisions,
so that whatever is decided by hand outlives a regrade.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from autograder.course import Course, Late, Task
from autograder.judging.score import summed
from autograder.reports.adjustments import FILE_TIME, Decisions, Extension, Override, Submitted

DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Grade:
    """What a submission is worth in the end, and how that came about."""

    record: dict
    """The judge's record with the points of single tasks that were set by hand."""
    found: float
    """The score that the judge found."""
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

    @property
    def student(self) -> str:
        return self.record["student"]

    @property
    def decided(self) -> bool:
        """Whether there is a score to hand out: "not graded" is never a zero."""
        return self.record["status"] != "not graded"


def grade_of(record: dict, course: Course, decisions: Decisions) -> Grade:
    """Apply overrides of tasks, then the late policy, then an override of the whole score."""
    student = record["student"]
    overrides = decisions.overrides.get(student, ())
    adjusted = _with_overrides(record, overrides, course)
    extension, submitted = decisions.extensions.get(student), decisions.submitted.get(student)
    due = extension.until if extension else course.late.due if course.late else None
    days = days_late(submitted.time, due, course.late) if submitted and due else 0
    confirmed = not days or submitted.source != FILE_TIME
    penalty = late_penalty(adjusted["score"], days, course.late) if days and confirmed else 0.0
    score = round(adjusted["score"] - penalty, 2)
    for override in overrides:
        if override.task is None:
            penalty, score = 0.0, override.points
    return Grade(
        adjusted,
        record["score"],
        overrides,
        submitted,
        due,
        extension,
        days,
        confirmed,
        penalty,
        score,
    )


def days_late(submitted: datetime, due: datetime, late: Late) -> int:
    """Days of 24 hours begun after `due`; 0 up to the end of the grace period."""
    seconds = submitted.timestamp() - due.timestamp()
    return math.ceil(seconds / DAY) if seconds > 60 * late.grace_minutes else 0


def late_penalty(score: float, days: int, late: Late) -> float:
    """Points that so many days cost; all of them once submissions are no longer accepted."""
    if late.days is not None and days > late.days:
        return score
    share = min(late.cap_percent, days * late.percent_per_day) / 100
    return min(score, round(score * share, 2))


def _with_overrides(record: dict, overrides: tuple[Override, ...], course: Course) -> dict:
    """The record with points set by hand; a task decided by hand needs no verdict any more."""
    if not overrides:
        return record
    by_task = {override.task: override for override in overrides}
    graded = {task["id"]: task for task in record["tasks"]}
    tasks = [
        _overridden(graded.get(task.id), task, by_task.get(task.id))
        for task in course.tasks
        if task.id in graded or task.id in by_task
    ]
    totals = summed(tasks, course)
    judged = graded or record["status"] == "refused"
    settled = None in by_task or (judged and tasks and totals["status"] == "graded")
    return (
        record
        | totals
        | {
            "parts": totals["parts"] if tasks else [],
            "status": "graded" if settled else record["status"],
            "reason": totals["reason"] or record["reason"],
        }
    )


def _overridden(graded: dict | None, task: Task, override: Override | None) -> dict:
    blank = {"id": task.id, "title": task.title, "points": task.points, "checks": []}
    if override is None:
        return graded
    by_hand = {"status": "set by hand", "score": override.points, "reason": override.reason}
    found = graded["score"] if graded and graded["status"] != "not graded" else None
    return (graded or blank) | by_hand | {"found": found}
