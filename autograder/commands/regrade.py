"""`regrade`: grade again after a check was corrected; list whose score changes and why, then ask.

New records are made in a scratch folder and compared with those of the class. Nothing of the class
is touched until `write_regrade`, and what it replaces is kept.
"""

import argparse
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    add_isolation,
    agreed,
    chosen_tasks,
    console,
    progress_bar,
    publish_grades,
    report_ungraded,
    the_class,
    the_course,
)
from autograder.course import Course, CourseError
from autograder.files import write_whole
from autograder.grading.job import Job
from autograder.grading.pace import Pace
from autograder.intake.modules import MODULES_FILE
from autograder.judging.record import Record, standing, to_text, write_record
from autograder.reports.adjustments import Decisions
from autograder.reports.regrade import Regrade, compare, describe
from autograder.text import folded, printable


def add_parser(commands: Commands) -> None:
    """Add `regrade` to the command line."""
    parser = commands.add_parser("regrade", help="grade again, list the changes, then ask")
    parser.add_argument("submissions", type=Path, help="the folder of submissions")
    parser.add_argument("--out", type=Path, default=ROOT / "grades", help="where results are")
    parser.add_argument("--only", action="append", default=[], metavar="TASK", help="a task's id")
    parser.add_argument("--student", action="append", default=[], help="a name in the gradebook")
    parser.add_argument("--yes", action="store_true", help="write without asking")
    add_isolation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.reports.gradebook import load_records

    course = the_course()
    records = {record.student: record for record in load_records(arguments.out)}
    class_ = the_class(arguments.submissions, arguments.out, course, list(records.values()))
    jobs = class_.jobs(chosen_tasks(arguments.only, course))
    decisions = class_.decisions
    report_ungraded(jobs, list(records.values()))
    again = _students(jobs, arguments.student, records)
    with tempfile.TemporaryDirectory(prefix="rdlab-regrade-") as scratch:
        fresh = _graded_again(regrade_jobs(again, records), Path(scratch), course, arguments)
        regrades = [compare(records[new.student], new, course, decisions) for new in fresh]
        if not _confirmed(regrades, arguments.yes):
            return 1
        return _write_regrades(regrades, Path(scratch), course, decisions, arguments.out)


def _graded_again(
    jobs: list[Job], scratch: Path, course: Course, arguments: argparse.Namespace
) -> list[Record]:
    from autograder.grading.grading import grade_class
    from autograder.sandbox.sandbox import choose_tier

    tier = choose_tier(arguments.isolation)
    console.print(f"{len(jobs)} submissions to grade again, isolation: {tier}")
    pace = Pace([job.student for job in jobs], arguments.jobs)
    with progress_bar(pace) as progress:
        bar = progress.add_task("grading", total=len(jobs))

        def on_record(record: Record) -> None:
            pace.graded(record)
            progress.advance(bar)

        return grade_class(jobs, scratch, course, tier, arguments.jobs, on_record)


def _students(jobs: list[Job], named: list[str], records: dict[str, Record]) -> list[Job]:
    """Return the jobs to grade again: of the students named, or of all that have a record."""
    known = {folded(job.student) for job in jobs if job.student in records}
    for name in named:
        if folded(name) not in known:
            raise CourseError(f"no graded submission is named {name!r}: see the gradebook")
    wanted = {folded(name) for name in named} or known
    return [job for job in jobs if job.student in records and folded(job.student) in wanted]


def regrade_jobs(jobs: list[Job], records: dict[str, Record]) -> list[Job]:
    """Return the jobs, in full where only some tasks were asked for but the rest would not fit.

    That is where there were no verdicts, or where the submission is not the one graded before.
    """
    return [_enough(job, records[job.student]) for job in jobs]


def _enough(job: Job, before: Record) -> Job:
    if not before.tasks:
        return replace(job, tasks=frozenset())
    return replace(job, only_for=before.submission.sha256)


def _confirmed(regrades: list[Regrade], yes: bool) -> bool:
    """Show whose score changes and why, then ask."""
    changed = [regrade for regrade in regrades if regrade.changes]
    for regrade in changed:
        for line in describe(regrade):
            console.print(line, markup=False, highlight=False)
        if regrade.failed_to_regrade:
            cause = printable(f"  the old record stays: {regrade.after.cause}")
            console.print(cause, markup=False, style="red")
    console.print(f"{len(changed)} of {len(regrades)} scores change")
    return agreed("Write this?", yes, "written")


def _write_regrades(
    regrades: list[Regrade], scratch: Path, course: Course, decisions: Decisions, out: Path
) -> int:
    from autograder.reports.gradebook import load_records

    kept = write_regrade(
        [each for each in regrades if not each.failed_to_regrade], scratch, out, datetime.now()
    )
    for each in regrades:
        if each.failed_to_regrade:
            write_record(standing(each.before, each.after), out)
    publish_grades(load_records(out), course, decisions, out)
    console.print(f"what was replaced: {kept}")
    return int(any(regrade.failed_to_regrade for regrade in regrades))


def write_regrade(regrades: list[Regrade], scratch: Path, out: Path, now: datetime) -> Path:
    """Put the new records in place; the old ones and the list go to `out/regrades/<time>/`.

    Args:
        scratch: where the submissions were graded again.
    """
    kept = out / "regrades" / f"{now:%Y-%m-%d_%H-%M-%S}"
    kept.mkdir(parents=True)
    lines = [line for regrade in regrades if regrade.changes for line in describe(regrade)]
    write_whole(kept / "changes.txt", "\n".join(lines) + "\n")
    for regrade in regrades:
        write_whole(kept / f"{regrade.student}.json", to_text(regrade.before))
        texts = scratch / regrade.student / MODULES_FILE
        if texts.is_file():
            shutil.copyfile(texts, out / regrade.student / MODULES_FILE)
        write_record(regrade.after, out)
    return kept
