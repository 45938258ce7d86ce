"""What an instructor lays beside the submissions: when they came, and what is decided by hand.

submissions.csv says when each student submitted, adjustments.toml holds extensions and points set
by hand. Both are read from the class folder, never from a submission.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dateutil import parser as dates

from autograder.course import Course, CourseError, Late, in_zone
from autograder.fields import AMOUNT, check_fields, read_toml
from autograder.reports.roster import find_rows, read_class_list

TIMES = "submissions.csv"
ADJUSTMENTS = "adjustments.toml"
TIME_COLUMNS = ("submitted", "submission time", "last modified (submission)", "submitted at")
"""Our own, Gradescope's and Moodle's."""


@dataclass(frozen=True)
class Submitted:
    """When a submission came; a file's own time is no evidence, copying may have changed it."""

    time: datetime
    source: str
    """Name of the list that says so, or FILE_TIME."""


FILE_TIME = "file time"


@dataclass(frozen=True)
class Extension:
    until: datetime
    reason: str


@dataclass(frozen=True)
class Override:
    """Points set by hand, for one task or, with no task, for the final score."""

    task: str | None
    points: float
    reason: str


@dataclass(frozen=True)
class Decisions:
    """By student, as the gradebook names them."""

    submitted: dict[str, Submitted] = field(default_factory=dict)
    extensions: dict[str, Extension] = field(default_factory=dict)
    overrides: dict[str, tuple[Override, ...]] = field(default_factory=dict)


def load_decisions(folder: Path, submissions: dict[str, Path], course: Course) -> Decisions:
    """Read submissions.csv and adjustments.toml of a class folder; both may be missing.

    Where the folder is a submission itself, what lies in it is its student's and is not read.

    Args:
        submissions: the path of every submission, by student.

    Raises:
        CourseError: a file cannot be read, or names a student, a task or a time there is not.
    """
    ours = not (folder / "rdlab").exists()
    table = read_toml(folder / ADJUSTMENTS) if ours and (folder / ADJUSTMENTS).is_file() else {}
    check_fields(table, ADJUSTMENTS, {}, {"extension": list, "override": list})
    extensions = [
        _extension(entry, submissions, course.late) for entry in table.get("extension", [])
    ]
    overrides = [_override(entry, submissions, course) for entry in table.get("override", [])]
    _refuse_twins("extension", [student for student, _ in extensions])
    _refuse_twins("override", [f"{s}, {o.task or 'whole score'}" for s, o in overrides])
    by_student: dict[str, tuple[Override, ...]] = {}
    for student, override in overrides:
        by_student[student] = (*by_student.get(student, ()), override)
    submitted: dict[str, Submitted] = {}
    if course.late and ours and (folder / TIMES).is_file():
        submitted |= _listed(folder / TIMES, submissions, course.late)
    return Decisions(submitted, dict(extensions), by_student)


def read_time(text: str, late: Late) -> datetime | None:
    """A moment as people and systems write it; None for one that is missing or unclear.

    Unclear is what has no day or no time, 03/04/2026, and abbreviated time zones.
    """
    found = set()
    iso = re.match(r"\d{4}-\d\d-\d\d\D", text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for day_first in (False,) if iso else (False, True):
            for default in (datetime(2001, 1, 1, 1, 1), datetime(2002, 2, 2, 2, 2)):
                try:
                    found.add(dates.parse(text, dayfirst=day_first, default=default))
                except (ValueError, OverflowError, Warning):
                    return None
    return in_zone(found.pop(), late.timezone) if len(found) == 1 else None


def _extension(entry: Any, students: Iterable[str], late: Late | None) -> tuple[str, Extension]:
    where = f"{ADJUSTMENTS} [[extension]]"
    check_fields(entry, where, {"student": str, "until": datetime, "reason": str})
    if late is None:
        raise CourseError(f"{where}: course.toml has no [late] section: nothing needs extending")
    until = in_zone(entry["until"], late.timezone)
    return _student(where, entry["student"], students), Extension(until, entry["reason"])


def _override(entry: Any, students: Iterable[str], course: Course) -> tuple[str, Override]:
    where = f"{ADJUSTMENTS} [[override]]"
    check_fields(entry, where, {"student": str, "points": AMOUNT, "reason": str}, {"task": str})
    student = _student(where, entry["student"], students)
    task, points = entry.get("task"), {task.id: task.points for task in course.tasks}
    if task is not None and task not in points:
        raise CourseError(f"{where} of {student}: there is no task {task!r}: correct it")
    most = course.points if task is None else points[task]
    if entry["points"] > most:
        what = "the course" if task is None else f"task {task}"
        raise CourseError(f"{where} of {student}: {what} has {most:g} points: give no more")
    return student, Override(task, entry["points"], entry["reason"])


def _student(where: str, named: str, students: Iterable[str]) -> str:
    for student in students:
        if student.casefold() == named.casefold():
            return student
    raise CourseError(
        f"{where}: no submission is named {named!r}: write the name as the gradebook has it"
    )


def _refuse_twins(what: str, entries: list[str]) -> None:
    for entry, count in Counter(entries).items():
        if count > 1:
            raise CourseError(f"{ADJUSTMENTS} has {count} [[{what}]] for {entry}: keep one")


def with_file_times(decisions: Decisions, times: dict[str, float | None], late: Late) -> Decisions:
    """Add the times of the files themselves, for those whom no list names.

    Args:
        times: in seconds since 1970, by student; any number, as students' clocks are.
    """
    found = {}
    for student, seconds in times.items():
        if seconds is None:
            continue
        with suppress(ValueError, OverflowError, OSError):  # such as beyond year 9999
            found[student] = Submitted(datetime.fromtimestamp(seconds, late.timezone), FILE_TIME)
    return replace(decisions, submitted=found | decisions.submitted)


def _listed(path: Path, students: Iterable[str], late: Late) -> dict[str, Submitted]:
    listed = read_class_list(path)
    column = listed.column(*TIME_COLUMNS)
    if column is None:
        raise CourseError(f"{path.name} has no column of times: name it {TIME_COLUMNS[0]!r}")
    found = {}
    for student, row in find_rows(students, listed).items():
        cell = listed.rows[row][column].strip()
        if cell in ("", "-"):
            continue
        time = read_time(cell, late)
        if time is None:
            raise CourseError(
                f"{path.name} row {row + 2}: the time {cell!r} is unclear: "
                "write it as in 2026-12-01 23:59"
            )
        found[student] = Submitted(time, path.name)
    return found
