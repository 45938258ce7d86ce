"""All grade records of a class: as a CSV file and as a table on the screen."""

import csv
import os
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.feedback import number, reason

FORMULA = tuple("=+-@\t\r＝＋－＠")
"""A cell that begins with one of these is run as a formula by spreadsheets."""
WIDE = 110
"""From this many columns on, the path to the feedback has a column of its own."""
KILLED = ("the process that ran", "was killed")
SLOW = ("used more than", "no answer within")


def write_gradebook(records: list[dict], path: Path) -> None:
    """Write the CSV, sorted by student; what was not graded is left empty, never 0."""
    parts = sorted({part["number"] for record in records for part in record["parts"]})
    tasks = sorted({task["id"] for record in records for task in record["tasks"]}, key=_order)
    header = ["student", "status", "score", *(f"part {part}" for part in parts)]
    header += [*(f"task {task}" for task in tasks), "isolation", "seconds", "feedback"]
    rows = [_row(record, parts, tasks) for record in by_student(records)]
    part_file = path.with_name(f".{path.name}.{os.getpid()}")
    with part_file.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    os.replace(part_file, path)


def print_table(records: list[dict], console: Console, out: Path) -> None:
    """Print a line per student; feedback lies in `out/<student>/feedback.html`."""
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
    for record in by_student(records):
        feedback = [str(out / record["student"] / "feedback.html")] if wide else []
        table.add_row(*(_text(cell) for cell in [*_cells(record, parts), *feedback]))
    console.print(table)
    if not wide:
        console.print(Text(f"feedback: {out}/<student>/feedback.html"))


def outcome(record: dict) -> str:
    """What came of a submission, in a few words."""
    if record["status"] == "refused":
        return f"refused: {reason(record)}"
    if record["status"] == "not graded":
        return f"not graded: {(record['reason'].strip().splitlines() or ['?'])[-1]}"
    tasks = record["tasks"]
    if all(task["status"] == "passed" for task in tasks):
        return "full marks"
    if all(task["status"] == "not started" for task in tasks):
        return "not started"
    words = [*_broken_files(record), *_broken_tasks(tasks)]
    mend = sum(task["status"] in ("partial", "failed") for task in tasks)
    waiting = sum(task["status"] == "not started" for task in tasks)
    words += [f"{mend} task{'s' * (mend > 1)} to mend"] if mend else []
    words += [f"{waiting} not started"] if waiting else []
    return "; ".join(words)


def by_student(records: list[dict]) -> list[dict]:
    """Sorted as people sort names, whatever their case."""
    return sorted(records, key=lambda record: (record["student"].casefold(), record["student"]))


def _broken_files(record: dict) -> list[str]:
    notes = [note for note in record["submission"]["notes"] if note.startswith("rdlab/")]
    return notes[:1]


def _broken_tasks(tasks: list[dict]) -> list[str]:
    words = []
    for beginnings, what in ((KILLED, "crashed in"), (SLOW, "too slow in")):
        found = [
            task["id"]
            for task in tasks
            if any(check["message"].startswith(beginnings) for check in task["checks"])
        ]
        words += [f"{what} {', '.join(found)}"] if found else []
    return words


def _row(record: dict, parts: list[int], tasks: list[str]) -> list[str]:
    earned = {
        task["id"]: "" if task["status"] == "not graded" else number(task["score"])
        for task in record["tasks"]
    }
    by_part = _part_scores(record)
    cells = [record["student"], record["status"], _score(record)]
    cells += [by_part.get(part, "") for part in parts] + [earned.get(task, "") for task in tasks]
    cells += [record["isolation"]["tier"], f"{record['times']['total']:.1f}"]
    cells.append(f"{record['student']}/feedback.html")
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]


def _score(record: dict) -> str:
    return "" if record["status"] == "not graded" else number(record["score"])


def _part_scores(record: dict) -> dict[int, str]:
    """Points by part; a part with an undecided task has none."""
    undecided = {task["id"].partition(".")[0] for task in record["tasks"]
                 if task["status"] == "not graded"}  # fmt: skip
    return {
        part["number"]: "" if str(part["number"]) in undecided else number(part["score"])
        for part in record["parts"]
    }


def _cells(record: dict, parts: list[int]) -> list[str]:
    by_part = _part_scores(record)
    score = f"{number(record['score'])}/{number(record['points'])}"
    cells = [record["student"], score if record["status"] == "graded" else "–"]
    cells += [by_part.get(part, "") or "–" for part in parts]
    return [*cells, outcome(record), record["isolation"]["tier"], _time(record["times"]["total"])]


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _text(cell: str) -> Text:
    """Neither markup nor control characters of a submission reach the terminal."""
    return Text("".join(c if c.isprintable() else "?" for c in cell))


def _order(task: str) -> tuple[int, ...]:
    return tuple(int(part) for part in task.split("."))
