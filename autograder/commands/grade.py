"""`grade`: grade a folder of submissions."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    add_isolation,
    chosen_tasks,
    console,
    progress_bar,
    publish_grades,
    replace_published_salt,
    report_not_graded,
    report_slow,
    the_class,
    the_course,
)
from autograder.course import Course
from autograder.grading.job import Job
from autograder.grading.pace import Pace
from autograder.judging.record import Record, RecordStatus
from autograder.sandbox.tier import Tier
from autograder.text import plural, printable, switch


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
    from autograder.intake.submission import ignored_entries
    from autograder.reports.adjustments import BESIDE
    from autograder.reports.attempts import settle_attempts
    from autograder.sandbox.sandbox import choose_tier

    replace_published_salt(ROOT, arguments.submissions)
    course = the_course()
    tasks = chosen_tasks(arguments.only, course)
    class_ = the_class(arguments.submissions, arguments.out, course)
    best = course.submissions.attempts == "best"
    jobs = class_.jobs_of_all_attempts(tasks) if best else class_.jobs(tasks)
    jobs = [_enough(job, arguments.out) for job in jobs] if tasks else jobs
    tier = choose_tier(arguments.isolation)
    console.print(f"{plural(len(jobs), 'submission')}, isolation: {tier}")
    for entry in ignored_entries(class_.folder):
        if entry.name not in BESIDE:
            console.print(f"not a submission, left alone: {printable(entry)}", markup=False)
    records, kept = _graded(jobs, course, tier, arguments)
    counts = _counts(records, kept)
    if best:
        from autograder.grading.grading import keep

        records = settle_attempts(records, course, class_.decisions, arguments.out, keep)
        class_ = the_class(arguments.submissions, arguments.out, course, records)
    publish_grades(records, course, class_.decisions, arguments.out)
    console.print(counts)
    not_graded = report_not_graded(records)
    return int(not_graded or bool(class_.decisions.problems))


def _counts(records: list[Record], kept: list[Record]) -> str:
    """Say how many got a verdict now, how many had one, and how many have none."""
    remedy = f" (use {switch('--fresh')} to regrade)" if kept else ""
    refused, failed = _refused(records) - _refused(kept), sum(map(_has_no_new_verdict, records))
    graded = len(records) - len(kept) - refused - failed
    counts = f"{graded} graded, {len(kept)} kept from an earlier run{remedy}"
    more = {"refused": refused, "not graded": failed}
    return ", ".join([counts, *(f"{number} {what}" for what, number in more.items() if number)])


def _refused(records: list[Record]) -> int:
    return sum(record.status is RecordStatus.REFUSED for record in records)


def _has_no_new_verdict(record: Record) -> bool:
    return bool(record.regrade_failure) or record.status is RecordStatus.NOT_GRADED


def _enough(job: Job, out: Path) -> Job:
    """Grade some tasks only of what has a record of the others, or none; else all is graded."""
    from autograder.grading.grading import earlier_record

    before = earlier_record(job, out)
    return replace(job, only_for=before.submission.sha256) if before and before.tasks else job


def _graded(
    jobs: list[Job], course: Course, tier: Tier, arguments: argparse.Namespace
) -> tuple[list[Record], list[Record]]:
    """Return all jobs' records and those of them that were kept; print a line for each new one."""
    from autograder.reports.gradebook import line

    kept: list[Record] = []
    pace = Pace([job.student for job in jobs], 0 if arguments.cluster else arguments.jobs)
    with progress_bar(pace) as progress:
        bar = progress.add_task("grading", total=len(jobs))

        def on_record(record: Record) -> None:
            pace.graded(record)
            console.print(line(record))
            progress.advance(bar)

        def on_kept(record: Record) -> None:
            pace.kept(record)
            kept.append(record)
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
    report_slow(pace)
    return records, kept


def _grader(arguments: argparse.Namespace) -> tuple[Callable[..., list[Record]], int | str]:
    """Return the function that grades a class, and its number of processes or cluster's address."""
    if arguments.cluster:
        from autograder.grading.dask_grading import grade_on_cluster

        return grade_on_cluster, arguments.cluster
    from autograder.grading.grading import grade_class

    return grade_class, arguments.jobs
