"""All grades of a class: as a CSV file and as a table on the screen."""

import csv
import io
import json
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course import CourseError
from autograder.reports.feedback import moment, number, reason
from autograder.reports.grades import Grade

FORMULA = tuple("=+-@\t\r＝＋－＠")
"""A cell that begins with one of these is run as a formula by spreadsheets."""
WIDE = 110
"""From this many columns on, the path to the feedback has a column of its own."""
KILLED = ("the process that ran", "was killed")
SLOW = ("used more than", "no answer within")


def load_records(out: Path) -> list[dict]:
    """The records of every student in an output folder.

    Raises:
        CourseError: there is none, or one of them is damaged.
    """
    records = []
    for path in sorted(out.glob("*/record.json")):
        try:
            records.append(json.loads(path.read_text(encoding="utf-8")))
        except ValueError:
            raise CourseError(f"{path} is damaged: grade that student again") from None
    if not records:
        raise CourseError(f"{out} holds no grade record: run `make grade` first")
    return records


def gradebook_csv(grades: list[Grade]) -> str:
    """A row per student, sorted; what was not graded is left empty, never 0.

    How long grading took is not in it: the same class gets the same file, byte for byte.
    """
    records = [grade.record for grade in grades]
    parts = sorted({part["number"] for record in records for part in record["parts"]})
    tasks = sorted({task["id"] for record in records for task in record["tasks"]}, key=_order)
    header = ["student", "status", "score", "found", "set by hand", "days late", "penalty"]
    header += ["submitted", "time from", *(f"part {part}" for part in parts)]
    header += [*(f"task {task}" for task in tasks), "isolation", "feedback"]
    file = io.StringIO(newline="")
    rows = [_row(grade, parts, tasks) for grade in by_student(grades)]
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()


def print_table(grades: list[Grade], console: Console, out: Path) -> None:
    """Print a line per student; feedback lies in `out/<student>/feedback.html`."""
    records = [grade.record for grade in grades]
    parts = sorted({part["number"] for record in records for part in record["parts"]})
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
        cells = _cells(grade.record | {"score": grade.score}, parts)
        cells[-3] = "; ".join(filter(None, [lateness(grade), cells[-3]]))
        feedback = [str(out / grade.student / "feedback.html")] if wide else []
        table.add_row(*(_text(cell) for cell in [*cells, *feedback]))
    console.print(table)
    if not wide:
        console.print(Text(f"feedback: {out}/<student>/feedback.html"))


def line(record: dict) -> Text:
    """One line on a submission that has just been graded."""
    name, score, what, _, seconds = _cells(record, [])
    return _text(f"{name}: {score}, {what}, {seconds}")


def outcome(record: dict) -> str:
    """What came of a submission, in a few words."""
    if record["status"] == "refused":
        return f"refused: {reason(record)}"
    if record["status"] == "not graded":
        return f"not graded: {(record['reason'].strip().splitlines() or ['?'])[-1]}"
    tasks = record["tasks"]
    if not tasks:
        return "set by hand"
    if all(task["status"] == "passed" for task in tasks):
        return "full marks"
    if all(task["status"] == "not started" for task in tasks):
        return "not started"
    words = [*_broken_files(record), *broken_tasks(tasks)]
    mend = sum(task["status"] in ("partial", "failed") for task in tasks)
    waiting = sum(task["status"] == "not started" for task in tasks)
    by_hand = sum(task["status"] == "set by hand" for task in tasks)
    words += [f"{mend} task{'s' * (mend > 1)} to mend"] if mend else []
    words += [f"{waiting} not started"] if waiting else []
    words += [f"{by_hand} set by hand"] if by_hand else []
    return "; ".join(words)


def lateness(grade: Grade) -> str:
    """How late a submission is and what that costs, in a few words; empty for one in time."""
    if not grade.days_late:
        return ""
    late = f"{grade.days_late} day{'s' * (grade.days_late > 1)} late"
    if not grade.confirmed:
        return f"{late} by its file time alone: nothing taken off"
    return f"{late}, −{number(grade.penalty)}"


def by_student(grades: list[Grade]) -> list[Grade]:
    """Sorted as people sort names, whatever their case."""
    return sorted(grades, key=lambda grade: (grade.student.casefold(), grade.student))


def _broken_files(record: dict) -> list[str]:
    notes = [note for note in record["submission"]["notes"] if note.startswith("rdlab/")]
    return notes[:1]


def broken_tasks(tasks: list[dict]) -> list[str]:
    """Which tasks crashed or took too long, in words."""
    words = []
    for beginnings, what in ((KILLED, "crashed in"), (SLOW, "too slow in")):
        found = [
            task["id"]
            for task in tasks
            if any(check["message"].startswith(beginnings) for check in task["checks"])
        ]
        words += [f"{what} {', '.join(found)}"] if found else []
    return words


def _row(grade: Grade, parts: list[int], tasks: list[str]) -> list[str]:
    record = grade.record
    earned = {
        task["id"]: "" if task["status"] == "not graded" else number(task["score"])
        for task in record["tasks"]
    }
    by_part = _part_scores(record)
    cells = [record["student"], record["status"], *_settled(grade)]
    cells += [by_part.get(part, "") for part in parts] + [earned.get(task, "") for task in tasks]
    cells += [record["isolation"]["tier"], f"{record['student']}/feedback.html"]
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]


def _settled(grade: Grade) -> list[str]:
    """The cells from score to time."""
    by_hand = "; ".join(override.task or "score" for override in grade.overrides)
    time = moment(grade.submitted.time) if grade.submitted else ""
    source = grade.submitted.source if grade.submitted else ""
    if not grade.decided:
        return ["", "", by_hand, "", "", time, source]
    late = [str(grade.days_late), number(grade.penalty)] if grade.due else ["", ""]
    return [number(grade.score), number(grade.found), by_hand, *late, time, source]


def _part_scores(record: dict) -> dict[int, str]:
    """Points by part; a part with an undecided task has none."""
    undecided = {
        task["id"].partition(".")[0] for task in record["tasks"] if task["status"] == "not graded"
    }
    return {
        part["number"]: "" if str(part["number"]) in undecided else number(part["score"])
        for part in record["parts"]
    }


def _cells(record: dict, parts: list[int]) -> list[str]:
    by_part = _part_scores(record)
    score = f"{number(record['score'])}/{number(record['points'])}"
    cells = [record["student"], score if record["status"] == "graded" else "–"]
    cells += [by_part.get(part, "") or "–" for part in parts]
    return [*cells, outcome(record), record["isolation"]["tier"], took(record["times"]["total"])]


def took(seconds: float) -> str:
    """Seconds as the tables show them."""
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _text(cell: str) -> Text:
    """Neither markup nor control characters of a submission reach the terminal."""
    return Text("".join(c if c.isprintable() else "?" for c in cell))


def _order(task: str) -> tuple[int, ...]:
    return tuple(int(part) for part in task.split("."))
