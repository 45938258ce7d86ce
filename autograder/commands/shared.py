"""What several commands do: read the course and the class, show progress, publish grades."""

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder import ROOT
from autograder.course import Course, CourseError, load_course
from autograder.grading.job import Job
from autograder.intake.submission import find_submissions, student_name
from autograder.judging.record import Record, RecordStatus
from autograder.reports.adjustments import ADJUSTMENTS, TIMES, Decisions, load_decisions
from autograder.reports.grades import Grade
from autograder.text import printable

Commands = argparse._SubParsersAction
"""What `add_parser` of each command adds itself to."""
console = Console()
CLASS_FILES = ("gradebook.csv", "report.html", "canvas.csv", "moodle.csv")
"""Files of the whole class, beside the students' folders."""
CLASS_SETTINGS = "class.toml"
"""In a folder whose submissions have to be laid out first."""


def the_course(*, every_part: bool = False) -> Course:
    return load_course(ROOT / "course.toml", every_part=every_part)


def class_folder(given: Path, out: Path, course: Course) -> Path:
    """The folder with the submissions: the given one, or a bundled class laid out below `out`."""
    if not (given / CLASS_SETTINGS).is_file():
        return given
    from autograder.authoring.bundled_class import lay_out_class

    return lay_out_class(given, out / ".class", ROOT, course)


def jobs_for(paths: list[Path], tasks: frozenset[str]) -> list[Job]:
    """A job per submission; where two would have the same name, the later gets a number.

    So does one that is called as a file of the whole class.
    """
    seen: Counter[str] = Counter(CLASS_FILES)
    jobs = []
    for path in paths:
        name = student_name(path)
        seen[name.casefold()] += 1
        count = seen[name.casefold()]
        jobs.append(Job(path, name if count == 1 else f"{name} ({count})", tasks))
    return jobs


def chosen_tasks(ids: list[str], course: Course) -> frozenset[str]:
    known = [task.id for task in course.tasks]
    off = {task.id: task.part for task in course.tasks_off}
    for unknown in sorted(set(ids) - set(known)):
        if unknown in off:
            raise CourseError(
                f"task {unknown} is of part {off[unknown]}, which is off: name that in parts of "
                "course.toml"
            )
        raise CourseError(f"there is no task {unknown!r}: course.toml has {', '.join(known)}")
    return frozenset(ids)


def decisions_beside(
    folder: Path, jobs: list[Job], course: Course, records: Sequence[Record] = ()
) -> Decisions:
    """What lies beside the submissions; beside a single one, that is the folder around it."""
    alone = folder.is_file() or (folder / "rdlab").is_dir()
    around = folder.absolute().parent
    if alone and any((around / name).is_file() for name in (ADJUSTMENTS, TIMES)):
        folder, jobs = around, jobs_for(find_submissions(around), frozenset())
    known = {record.student: Path(record.submission.path) for record in records}
    return load_decisions(folder, known | {job.student: job.path for job in jobs}, course)


def publish_grades(
    records: list[Record], course: Course, decisions: Decisions, out: Path
) -> list[Grade]:
    """Write and show everything that is handed out, made from the records."""
    from autograder.reports.gradebook import print_table
    from autograder.reports.publish import publish

    grades = publish(records, course, decisions, out)
    print_table(grades, console, out)
    console.print(f"gradebook: {out / 'gradebook.csv'}\nclass report: {out / 'report.html'}")
    return grades


def report_ungraded(jobs: list[Job], records: Sequence[Record]) -> None:
    graded = {record.student for record in records}
    for job in jobs:
        if job.student not in graded:
            console.print(f"not graded yet: {printable(job.path)}", markup=False)


def report_not_graded(records: Sequence[Record]) -> bool:
    """Print who has no verdict, or keeps an earlier one, by cause; return whether there are any."""
    causes: dict[str, list[str]] = {}
    for record in records:
        if record.regrade_failure:
            cause = f"not graded again, an earlier verdict stands: {record.regrade_failure}"
        elif record.status is RecordStatus.NOT_GRADED:
            cause = f"not graded: {record.cause}"
        else:
            continue
        causes.setdefault(cause, []).append(record.student)
    for cause, students in causes.items():
        words = printable(f"{cause}: {', '.join(students)}")
        console.print(words, markup=False, style="red")
    return bool(causes)


def add_isolation(parser: argparse.ArgumentParser) -> None:
    """Add the options of a command that runs student code."""
    parser.add_argument(
        "--isolation",
        default="auto",
        choices=["auto", "bubblewrap", "user", "process"],
        help="how student code is confined; never weaker than asked for",
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="at once")


def progress_bar() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
