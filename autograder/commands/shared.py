"""What several commands do: read the course and the class, show progress, publish grades."""

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder import ROOT
from autograder.course import PUBLISHED_SALT, Course, CourseError, load_course
from autograder.files import write_whole
from autograder.grading.job import Job
from autograder.grading.pace import Pace
from autograder.intake.deliveries import Delivery, delivery, find_deliveries
from autograder.intake.submission import is_submission_itself
from autograder.judging.record import Record, RecordStatus
from autograder.reports.adjustments import BESIDE, Decisions, load_decisions
from autograder.reports.attempts import attempt_name
from autograder.reports.grades import Grade
from autograder.text import plural, printable, switch

Commands = argparse._SubParsersAction
"""What `add_parser` of each command adds itself to."""
console = Console(soft_wrap=True)
"""Sentences and paths are left to the terminal to wrap, so that they can be copied."""
SHOWN_WHOLE = 100
"""Of larger classes only those are shown whose row in the gradebook is new."""
CLASS_SETTINGS = "class.toml"
"""In a folder whose submissions have to be laid out first."""


def the_course(*, every_part: bool = False) -> Course:
    return load_course(ROOT / "course.toml", every_part=every_part)


def replace_published_salt(root: Path, given: Path | None = None) -> None:
    """Write a fresh salt into course.toml in place of the published one, and say so.

    Whoever knows the salt can compute the hidden inputs.

    Args:
        root: the folder of course.toml.
        given: the class that is to be graded, if any: for the bundled one the published salt does.

    Raises:
        CourseError: it cannot be written there.
    """
    path = root / "course.toml"
    example = given is not None and (given / CLASS_SETTINGS).is_file()
    if example or _trying_out() or load_course(path).salt != PUBLISHED_SALT:
        return
    line, text = f'salt = "{PUBLISHED_SALT}"', path.read_text(encoding="utf-8")
    if text.count(line) != 1:
        raise CourseError("course.toml has the published salt: write one of your own in its place")
    try:
        write_whole(path, text.replace(line, f'salt = "{secrets.token_urlsafe(18)}"'))
    except OSError as error:
        raise CourseError(
            f"{path} has the published salt, and no other can be written ({error.strerror}): "
            "make it writable"
        ) from error
    console.print(f"{path}: a fresh salt is in place of the published one; keep it secret")


def _trying_out() -> bool:
    """Return whether maintainers are at work, who want no change of course.toml."""
    return bool(os.environ.get("RDLAB_PUBLISHED_SALT"))


def class_folder(given: Path, out: Path, course: Course) -> Path:
    """Return the folder with the submissions: the given one, or a class laid out below `out`."""
    if not (given / CLASS_SETTINGS).is_file():
        return given
    from autograder.authoring.bundled_class import lay_out_class

    return lay_out_class(given, out / ".class", ROOT, course)


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


@dataclass(frozen=True)
class TheClass:
    """A class to grade: who handed in what, and what the instructor decided."""

    folder: Path
    """Where the submissions are."""
    deliveries: dict[str, tuple[Delivery, ...]]
    decisions: Decisions

    def jobs(self, tasks: frozenset[str] = frozenset()) -> list[Job]:
        """Return a job for the delivery of each student that counts."""
        counted = self.decisions.counted
        return [Job(counted[student].path, student, tasks) for student in self.deliveries]

    def jobs_of_all_attempts(self, tasks: frozenset[str]) -> list[Job]:
        """Return a job for each delivery, named by student and attempt where there are several."""
        return [
            Job(each.path, attempt_name(student, each) if len(group) > 1 else student, tasks)
            for student, group in self.deliveries.items()
            for each in group
        ]


def the_class(given: Path, out: Path, course: Course, records: Sequence[Record] = ()) -> TheClass:
    """Find the submissions, and read what lies beside them.

    Args:
        given: the folder of submissions, or one submission; then what lies around it is read.
        records: of what was graded before, also of submissions that are no longer there.
    """
    folder = class_folder(given, out, course)
    ours = find_deliveries(folder)
    alone = is_submission_itself(given)
    around = given.absolute().parent
    place, beside = given, dict(ours)
    if alone and any((around / name).is_file() for name in BESIDE):
        place, beside = around, find_deliveries(around) | beside
    graded = {record.student: Path(record.submission.path) for record in records}
    for student, path in graded.items():
        beside.setdefault(student, (delivery(path),))
    return TheClass(folder, ours, load_decisions(place, beside, course, graded))


def publish_grades(
    records: list[Record], course: Course, decisions: Decisions, out: Path
) -> list[Grade]:
    """Write and show everything that is handed out, made from the records."""
    from autograder.reports.gradebook import print_table, rows_by_student
    from autograder.reports.publish import publish

    before = rows_by_student(out)
    grades = publish(records, course, decisions, out)
    after = rows_by_student(out)
    shown = [grade for grade in grades if after.get(grade.student) != before.get(grade.student)]
    if len(grades) <= SHOWN_WHOLE:
        shown = grades
    if shown:
        print_table(shown, console, out)
    if len(shown) < len(grades):
        console.print(f"{plural(len(grades) - len(shown), 'row')} of the gradebook as before")
    for problem in decisions.problems:
        console.print(printable(problem), markup=False, style="red")
    if decisions.missing:
        names = ", ".join(person.name for person in decisions.missing)
        missing = printable(f"nothing handed in ({len(decisions.missing)}): {names}")
        console.print(missing, markup=False, highlight=False)
    waiting = sum(not each.answer for grade in grades for each in grade.requests)
    if waiting:
        console.print(f"{plural(waiting, 'regrade request')} open: see the class report")
    console.print(f"gradebook: {out / 'gradebook.csv'}\nclass report: {out / 'report.html'}")
    return grades


def report_unmatched(unlisted: Sequence[str], unclear: Sequence[str]) -> None:
    """Print who has a grade and is not, or not certainly, in a system's list."""
    for student in unlisted:
        said = printable(f"graded, but not in that list: {student}")
        console.print(said, markup=False, style="red")
    for sentence in unclear:
        remedy = "left empty; say who it is by [[student]] in adjustments.toml"
        console.print(f"{printable(sentence)}: {remedy}", markup=False, style="red")


def agreed(question: str, yes: bool, done: str) -> bool:
    """Ask before something is done that others see; return whether it is to be done.

    Args:
        yes: it was said beforehand.
        done: what is then done, "written".
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        console.print(f"nothing is {done}: add {switch('--yes')} to do it")
        return False
    try:
        answer = console.input(f"{question} [y/N] ", markup=False)
    except EOFError:
        answer = ""
    if answer.strip().lower() in ("y", "yes"):
        return True
    console.print(f"nothing is {done}")
    return False


def report_ungraded(jobs: list[Job], records: Sequence[Record]) -> None:
    """Print which deliveries that count have no record yet."""
    graded = {record.student: Path(record.submission.path).name for record in records}
    for job in jobs:
        if graded.get(job.student) != job.path.name:
            console.print(f"not graded yet: {printable(job.path)}", markup=False)


def report_not_graded(records: Sequence[Record]) -> bool:
    """Print who has no grade, or keeps an earlier one, by cause; return whether there are any."""
    causes: dict[str, list[str]] = {}
    for record in records:
        if record.regrade_failure:
            cause = f"not graded again, an earlier verdict stands: {record.regrade_failure}"
        elif record.status is RecordStatus.NOT_GRADED:
            cause = f"not graded: {record.cause}"
        elif record.status is RecordStatus.REFUSED:
            cause = f"refused: {record.cause}"
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


def progress_bar(pace: Pace | None = None) -> Progress:
    """Return a progress bar, with the time left by the pace of a class where there is one."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    left = _TimeLeft(pace) if pace else TimeRemainingColumn()
    return Progress(*columns, left, console=console, transient=True)


class _TimeLeft(ProgressColumn):
    max_refresh = 1

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        super().__init__()

    def render(self, task: Task) -> Text:
        return Text(printable(self._pace.words()))


def report_slow(pace: Pace) -> None:
    """Print which submissions took much longer than the others."""
    for student, words in pace.slow().items():
        console.print(printable(f"slow: {student}, {words}"), markup=False, highlight=False)
