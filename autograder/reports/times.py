"""When submissions came: by submissions.csv, Canvas's submissions.json, or their files' time."""

import json
import re
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dateutil import parser as dates

from autograder.course import CourseError, Late, in_zone
from autograder.intake.deliveries import Delivery
from autograder.reports.roster import ClassList, Person, find_rows, person_of, read_class_list
from autograder.text import folded

TIMES = "submissions.csv"
CANVAS_TIMES = "submissions.json"
TIME_COLUMNS = ("submitted", "submission time", "last modified (submission)", "submitted at")
"""Our own, Gradescope's and Moodle's."""
FILE_COLUMNS = ("file", "archive")
"""Name of the very folder or archive, where a student has handed in several."""
FILE_TIME = "file time"
Deliveries = Mapping[str, tuple[Delivery, ...]]
"""By student, the oldest first."""


@dataclass(frozen=True)
class Submitted:
    """When a submission came; a file's own time is no evidence, copying may have changed it."""

    time: datetime
    source: str
    """Name of the list that says so, or FILE_TIME."""


@dataclass
class Times:
    """When each delivery came, who the list says its student is, and what it leaves unclear."""

    by_path: dict[Path, Submitted] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    """Of students whose files name nobody, as Gradescope's."""
    problems: list[str] = field(default_factory=list)


def read_times(
    folder: Path | None, deliveries: Deliveries, people: Mapping[str, Person], late: Late
) -> Times:
    """Date deliveries by the lists in a class folder.

    Of several of one student, those that are in no list are dated by the archives themselves, so
    that their order is known. No file of a submission is read.

    Args:
        folder: None where nothing beside the submissions is the instructor's.

    Raises:
        CourseError: a list cannot be read, or holds a time that is unclear.
    """
    several = [each for group in deliveries.values() if len(group) > 1 for each in group]
    dated = {each.path: file_time(each.changed, late) for each in several}
    times = Times({path: time for path, time in dated.items() if time})
    lists = []
    if folder is not None and (folder / TIMES).is_file():
        lists.append(read_class_list(folder / TIMES))
    if folder is not None and (folder / CANVAS_TIMES).is_file():
        lists.append(_canvas_list(folder / CANVAS_TIMES))
    for listed in lists:
        _date(listed, deliveries, people, late, times)
    if lists:
        undated = [name for name, group in deliveries.items() if not _dated(group, times)]
        if undated:
            names = " and ".join(listed.path.name for listed in lists)
            who = ", ".join(sorted(undated))
            times.problems.append(f"{names}: no time of {who}: their lateness costs nothing")
    for student, group in deliveries.items():
        if any(each.marked_late for each in group) and not _dated(group, times):
            times.problems.append(
                f"{student}: Canvas marks it late, but when it came is not known: "
                f"give {CANVAS_TIMES} or {TIMES}"
            )
    return times


def _dated(group: tuple[Delivery, ...], times: Times) -> bool:
    found = [times.by_path.get(each.path) for each in group]
    return any(time is not None and time.source != FILE_TIME for time in found)


def file_time(seconds: float, late: Late) -> Submitted | None:
    """Return a file's own time from seconds since 1970; None for no time, as beyond year 9999."""
    with suppress(ValueError, OverflowError, OSError):
        return Submitted(datetime.fromtimestamp(seconds, late.timezone), FILE_TIME)
    return None


def _date(
    listed: ClassList,
    deliveries: Deliveries,
    people: Mapping[str, Person],
    late: Late,
    times: Times,
) -> None:
    """Take the times of one list; rows that nobody's submission matches are told."""
    column = listed.column(*TIME_COLUMNS)
    if column is None:
        raise CourseError(f"{listed.path.name} has no column of times: name it {TIME_COLUMNS[0]!r}")
    files = {folded(each.path.name): each.path for group in deliveries.values() for each in group}
    dated = {
        row: files[folded(cells[0])]
        for row in range(len(listed.rows))
        if (cells := listed.cells(row, FILE_COLUMNS)) and folded(cells[0]) in files
    }
    with_time = [row for row in range(len(listed.rows)) if _cell(listed, row, column)]
    rows = find_rows(deliveries, listed, people, [row for row in with_time if row not in dated])
    for student, row in rows.found.items():
        dated[row] = deliveries[student][-1].path
        if student.casefold().startswith("submission_"):
            times.people[student] = person_of(listed, row)
    for row, path in dated.items():
        if cell := _cell(listed, row, column):
            times.by_path[path] = Submitted(_time(listed, row, cell, late), listed.path.name)
    times.problems += dict.fromkeys(rows.unclear.values())
    times.problems += [
        f"{listed.path.name}: {listed.shown(row)} is nobody's submission"
        for row in with_time
        if row not in dated and row not in rows.doubtful
    ]


def _cell(listed: ClassList, row: int, column: int) -> str:
    return listed.rows[row][column].strip().removeprefix("-")


def _time(listed: ClassList, row: int, cell: str, late: Late) -> datetime:
    time = read_time(cell, late)
    if time is None:
        raise CourseError(
            f"{listed.path.name} row {row + 2}: the time {cell!r} is unclear: "
            "write it as in 2026-12-01 23:59"
        )
    return time


def _canvas_list(path: Path) -> ClassList:
    """Read what Canvas's API says of submissions, with include[]=user, as a table."""
    wanted = "save what /api/v1/courses/…/assignments/…/submissions?include[]=user gives"
    try:
        return canvas_list(path, json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): check the path") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CourseError(f"{path.name} is no list of Canvas's submissions: {wanted}") from None


def canvas_list(path: Path, entries: Iterable[Any]) -> ClassList:
    """Return Canvas's submissions of an assignment, with their users, as a table.

    Args:
        path: what it is called in sentences.

    Raises:
        KeyError, TypeError: an entry is not as Canvas's API has it.
    """
    rows = tuple(_canvas_row(entry) for entry in entries)
    return ClassList(path, ",", ("Name", "ID", "Login", "Submitted"), rows)


def _canvas_row(entry: Any) -> tuple[str, ...]:
    user = entry["user"]
    name = user.get("sortable_name") or user["name"]
    login = user.get("login_id") or ""
    return str(name), str(entry["user_id"]), str(login), str(entry.get("submitted_at") or "")


def read_time(text: str, late: Late) -> datetime | None:
    """Return a moment as people and systems write it; None for one that is missing or unclear.

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
