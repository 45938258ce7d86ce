"""All grades of a class: as a CSV file and as a table on the screen."""

import csv
import gc
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course import CourseError
from autograder.judging.record import (
    CRASHED,
    RECORD_FILE,
    TOO_SLOW,
    Record,
    RecordError,
    RecordStatus,
    TaskRecord,
    TaskStatus,
    read_record,
)
from autograder.reports.feedback import TO_FIX, reason
from autograder.reports.grades import Grade
from autograder.reports.roster import Person
from autograder.text import moment, number, plural, printable, pseudonym

GRADEBOOK = "gradebook.csv"
FORMULA = tuple("=+-@\t\r＝＋－＠")
"""A cell that begins with one of these is run as a formula by spreadsheets."""
PERSON = ["name", "id", "email", "section", "group"]
"""Columns of the gradebook where it is known who is who."""
WIDE = 110
"""From this many columns on, the path to the feedback has a column of its own."""
BROKEN = ((CRASHED, "crashed in"), (TOO_SLOW, "too slow in"))


def load_records(out: Path) -> list[Record]:
    """Return the records of every student in an output folder.

    Raises:
        CourseError: there is none, or one of them is damaged or of another version.
    """
    gc.disable()  # it would look through all the records again and again
    try:
        return _load_records(out)
    finally:
        gc.freeze()
        gc.enable()


def _load_records(out: Path) -> list[Record]:
    records = []
    for path in sorted(out.glob(f"*/{RECORD_FILE}")):
        try:
            record = read_record(path)
        except RecordError as error:
            raise CourseError(f"{path} {error}: grade that student again") from None
        records += [record] if record else []
    if not records:
        raise CourseError(f"{out} holds no grade record: run `make grade` first")
    return records


def gradebook_csv(grades: list[Grade], missing: Sequence[Person] = ()) -> str:
    """Return a row per student, sorted; what has no score is left empty, never 0.

    How long grading took is not in it: the same class gets the same file, byte for byte.

    Args:
        missing: of the roster, who has handed in nothing; they come last.
    """
    records = [grade.record for grade in grades]
    parts = _parts(records)
    tasks = sorted({task.id for record in records for task in record.tasks}, key=_order)
    header = ["student", "status", "score", "found", "set by hand", "days late", "penalty"]
    header += ["submitted", "time from", *(f"part {part}" for part in parts)]
    header += [*(f"task {task}" for task in tasks), "isolation", "feedback"]
    rows = [_row(grade, parts, tasks) for grade in by_student(grades)]
    if any(grade.slipped for grade in grades):
        header += ["slip days used"]
        rows = [
            [*row, str(grade.slipped)] for row, grade in zip(rows, by_student(grades), strict=True)
        ]
    if any(grade.marked or grade.bonus for grade in grades):
        header += ["report", "bonus"]
        rows = [
            [*row, *_beside(grade)] for row, grade in zip(rows, by_student(grades), strict=True)
        ]
    if missing or any(grade.person for grade in grades):
        people = [grade.person or Person("") for grade in by_student(grades)]
        header += PERSON
        rows = [[*row, *_of_person(each)] for row, each in zip(rows, people, strict=True)]
        empty = [""] * (len(header) - len(PERSON) - 2)
        rows += [[each.name, "missing", *empty, *_of_person(each)] for each in missing]
    file = io.StringIO(newline="")
    safe = [[no_formula(cell) for cell in row] for row in rows]
    csv.writer(file, lineterminator="\n").writerows([header, *safe])
    return file.getvalue()


def rows_by_student(out: Path) -> dict[str, list[str]]:
    """Return the rows of the gradebook that is there, by the student's name; none for no file."""
    try:
        text = (out / GRADEBOOK).read_text(encoding="utf-8")
    except OSError:
        return {}
    return {row[0].removeprefix("'"): row for row in csv.reader(text.splitlines()) if row}


def pseudonymous_csv(grades: list[Grade], salt: str) -> str:
    """Return a row per student under a pseudonym made with the salt: points, but no name or id.

    Rows are in the order of these names. Whoever knows salt and students can find out who is who.
    """
    records = [grade.record for grade in grades]
    parts = _parts(records)
    tasks = sorted({task.id for record in records for task in record.tasks}, key=_order)
    header = ["student", "status", "score", *(f"part {part}" for part in parts)]
    header += [f"task {task}" for task in tasks]
    rows = []
    for grade in grades:
        by_part = _part_scores(grade.record)
        earned = {task.id: _task_score(task) for task in grade.record.tasks}
        row = [pseudonym(grade.student, salt), str(grade.record.status)]
        row += [number(grade.score) if grade.decided else ""]
        row += [by_part.get(part, "") for part in parts]
        rows.append(row + [earned.get(task, "") for task in tasks])
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([header, *sorted(rows)])
    return file.getvalue()


def _beside(grade: Grade) -> list[str]:
    """Return the points of the report, once it is marked, and of what was given beside."""
    known = grade.marked and not grade.marked.missing
    bonus = sum(each.points for each in grade.bonus)
    return [number(grade.marked.points) if grade.marked and known else "", number(bonus)]


def _of_person(person: Person) -> list[str]:
    return [person.name, person.id, person.email, person.section, person.group]


def no_formula(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _parts(records: list[Record]) -> list[int]:
    return sorted({part.number for record in records for part in record.parts})


def print_table(grades: list[Grade], console: Console, out: Path) -> None:
    """Print a line per student; feedback lies in `out/<student>/feedback.html`."""
    parts = _parts([grade.record for grade in grades])
    wide = console.width >= WIDE
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("student", max_width=24, overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    for part in parts:
        table.add_column(f"part\n{part}", justify="right", no_wrap=True)
    table.add_column("outcome", min_width=14, overflow="fold")
    table.add_column("isolation", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    if wide:
        table.add_column("feedback", min_width=20, overflow="fold")
    for grade in by_student(grades):
        cells = _cells(replace(grade.record, score=grade.score), parts)
        cells[1] = _final(grade)
        waiting = "report not marked" if grade.unmarked else ""
        cells[-3] = "; ".join(filter(None, [waiting, lateness(grade), cells[-3]]))
        feedback = [str(out / grade.student / "feedback.html")] if wide else []
        table.add_row(*(_text(cell) for cell in [*cells, *feedback]))
    console.print(table, soft_wrap=False)
    if not wide:
        console.print(Text(f"feedback: {out}/<student>/feedback.html"))


def line(record: Record) -> Text:
    """Return one line on a submission that has just been graded."""
    name, score, what, _, seconds = _cells(record, [])
    if record.regrade_failure:
        return _text(f"{name}: not graded again, {record.regrade_failure}; {score} stays")
    return _text(f"{name}: {score}, {what}, {seconds}")


def outcome(record: Record) -> str:
    """Return what came of a submission, in a few words."""
    if record.status is RecordStatus.REFUSED:
        return f"refused: {reason(record)}"
    if record.status is RecordStatus.NOT_GRADED:
        return f"not graded: {record.cause}"
    tasks = record.tasks
    if not tasks:
        return "set by hand"
    if all(task.status is TaskStatus.PASSED for task in tasks):
        return "full marks"
    if all(task.status is TaskStatus.NOT_STARTED for task in tasks):
        return "not started"
    words = [*record.submission.file_notes[:1], *broken_tasks(record)]
    to_fix = sum(task.status in TO_FIX for task in tasks)
    waiting = sum(task.status is TaskStatus.NOT_STARTED for task in tasks)
    by_hand = sum(task.status is TaskStatus.SET_BY_HAND for task in tasks)
    words += [f"{plural(to_fix, 'task')} to fix"] if to_fix else []
    words += [f"{waiting} not started"] if waiting else []
    words += [f"{by_hand} set by hand"] if by_hand else []
    return "; ".join(words)


def lateness(grade: Grade) -> str:
    """Say in a few words how late a submission is and what that costs; empty for one in time."""
    if not grade.days_late:
        return ""
    late = f"{plural(grade.days_late, 'day')} late"
    if not grade.confirmed:
        return f"{late} by its file time alone: nothing taken off"
    slipped = f", {plural(grade.slipped, 'slip day')}" if grade.slipped else ""
    return f"{late}{slipped}, −{number(grade.penalty)}"


def by_student(grades: list[Grade]) -> list[Grade]:
    """Sort grades as people sort names, whatever their case."""
    return sorted(grades, key=lambda grade: (grade.student.casefold(), grade.student))


def broken_tasks(record: Record) -> list[str]:
    """Return which tasks crashed or took too long, in words."""
    words = []
    for causes, what in BROKEN:
        found = [task.id for task in record.tasks if task.has_cause(causes)]
        words += [f"{what} {', '.join(found)}"] if found else []
    return words


def _row(grade: Grade, parts: list[int], tasks: list[str]) -> list[str]:
    record = grade.record
    earned = {task.id: _task_score(task) for task in record.tasks}
    by_part = _part_scores(record)
    cells = [record.student, record.status, *_score_cells(grade)]
    cells += [by_part.get(part, "") for part in parts] + [earned.get(task, "") for task in tasks]
    cells += [record.isolation.tier, f"{record.student}/feedback.html"]
    return cells


def _task_score(task: TaskRecord) -> str:
    return "" if task.status is TaskStatus.NOT_GRADED else number(task.score)


def _score_cells(grade: Grade) -> list[str]:
    """Return the cells from score to time."""
    by_hand = "; ".join(override.task or "score" for override in grade.overrides)
    time = moment(grade.submitted.time) if grade.submitted else ""
    source = grade.submitted.source if grade.submitted else ""
    if not grade.decided:
        return ["", "", by_hand, "", "", time, source]
    late = [str(grade.days_late), number(grade.penalty)] if grade.due else ["", ""]
    return [number(grade.score), number(grade.autograder_score), by_hand, *late, time, source]


def _part_scores(record: Record) -> dict[int, str]:
    """Return points by part; a part with an undecided task has none."""
    undecided = {
        task.id.partition(".")[0] for task in record.tasks if task.status is TaskStatus.NOT_GRADED
    }
    return {
        part.number: "" if str(part.number) in undecided else number(part.score)
        for part in record.parts
    }


def _cells(record: Record, parts: list[int]) -> list[str]:
    by_part = _part_scores(record)
    score = f"{number(record.score)}/{number(record.points)}"
    cells = [record.student, score if record.status is RecordStatus.GRADED else "–"]
    cells += [by_part.get(part, "") or "–" for part in parts]
    return [*cells, outcome(record), record.isolation.tier, took(record.times["total"])]


def _final(grade: Grade) -> str:
    return f"{number(grade.score)}/{number(grade.points)}" if grade.decided else "–"


def took(seconds: float) -> str:
    """Return seconds as the tables show them."""
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _text(cell: str) -> Text:
    """Return a cell's text without markup or control characters, as the terminal may show it."""
    return Text(printable(cell))


def _order(task: str) -> tuple[int, ...]:
    return tuple(int(part) for part in task.split("."))
