"""`grade`: grade a folder of submissions."""

import argparse
from collections.abc import Callable
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    add_isolation,
    chosen_tasks,
    class_folder,
    console,
    decisions_beside,
    jobs_for,
    progress_bar,
    publish_grades,
    report_not_graded,
    the_course,
)
from autograder.course import Course
from autograder.grading.job import Job
from autograder.judging.record import Record
from autograder.sandbox.tier import Tier
from autograder.text import plural, printable


def add_parser(commands: Commands) -> None:
    """Add `grade` to the command line."""
    parser = commands.add_parser("grade", help="grade a folder of submissions")
    parser.add_argument("submissions", type=Path, help="a folder of submissions, or one submission")
    parser.add_argument("--out", type=Path, default=ROOT / "grades", help="where results go")
    parser.add_argument("--only", action="append", default=[], metavar="TASK", help="a task's id")
    parser.add_argument(
        "--fresh", action="store_true", help="regrade submissions that have not changed, too"
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="of a Dask scheduler: grade on its workers (docs/scale.md)",
    )
    add_isolation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.intake.submission import find_submissions, stray_files
    from autograder.reports.adjustments import ADJUSTMENTS, TIMES
    from autograder.sandbox.sandbox import choose_tier

    course = the_course()
    folder = class_folder(arguments.submissions, arguments.out, course)
    jobs = jobs_for(find_submissions(folder), chosen_tasks(arguments.only, course))
    decisions = decisions_beside(arguments.submissions, jobs, course)
    tier = choose_tier(arguments.isolation)
    console.print(f"{plural(len(jobs), 'submission')}, isolation: {tier}")
    for stray in stray_files(folder):
        if stray.name in (ADJUSTMENTS, TIMES):
            continue
        console.print(f"not a submission, left alone: {printable(stray)}", markup=False)
    records, kept = _graded(jobs, course, tier, arguments)
    publish_grades(records, course, decisions, arguments.out)
    remedy = " (use --fresh to regrade)" if kept else ""
    console.print(f"{len(records) - kept} graded, {kept} kept from an earlier run{remedy}")
    return int(report_not_graded(records))


def _graded(
    jobs: list[Job], course: Course, tier: Tier, arguments: argparse.Namespace
) -> tuple[list[Record], int]:
    """The records of all jobs and how many of them were kept; a line for each that was not."""
    from autograder.reports.gradebook import line

    kept: list[str] = []
    with progress_bar() as progress:
        bar = progress.add_task("grading", total=len(jobs))

        def on_record(record: Record) -> None:
            console.print(line(record))
            progress.advance(bar)

        def on_kept(record: Record) -> None:
            kept.append(record.student)
            progress.advance(bar)

        work, where = _grader(arguments)
        records = work(
            jobs,
            arguments.out,
            course,
            tier,
            where,
            on_record,
            fresh=arguments.fresh,
            on_kept=on_kept,
        )
    return records, len(kept)


def _grader(arguments: argparse.Namespace) -> tuple[Callable[..., list[Record]], int | str]:
    """What grades a class, and where: in so many processes, or on the cluster at an address."""
    if arguments.cluster:
        from autograder.grading.dask_grading import grade_on_cluster

        return grade_on_cluster, arguments.cluster
    from autograder.grading.grading import grade_class

    return grade_class, arguments.jobs
