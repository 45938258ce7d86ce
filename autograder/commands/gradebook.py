"""`gradebook`: apply lateness and adjustments to what is graded; fill in an LMS's export."""

import argparse
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    class_folder,
    console,
    decisions_beside,
    jobs_for,
    publish_grades,
    report_ungraded,
    the_course,
)
from autograder.platforms.lms import Filled


def add_parser(commands: Commands) -> None:
    """Add `gradebook` to the command line."""
    parser = commands.add_parser(
        "gradebook",
        help="apply lateness and adjustments to what is graded; fill in an LMS's export",
    )
    parser.add_argument("submissions", type=Path, help="the folder of submissions")
    parser.add_argument("--out", type=Path, default=ROOT / "grades", help="where results are")
    parser.add_argument("--lms", type=Path, metavar="CSV", help="Canvas's or Moodle's export")
    parser.add_argument("--assignment", default="", metavar="TITLE", help="its column in Canvas")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.intake.submission import find_submissions
    from autograder.platforms.lms import fill_in
    from autograder.reports.gradebook import load_records

    course = the_course()
    records = load_records(arguments.out)
    folder = class_folder(arguments.submissions, arguments.out, course)
    jobs = jobs_for(find_submissions(folder), frozenset())
    decisions = decisions_beside(arguments.submissions, jobs, course, records)
    report_ungraded(jobs, records)
    grades = publish_grades(records, course, decisions, arguments.out)
    if arguments.lms:
        filled = fill_in(arguments.lms, grades, course, arguments.assignment)
        _write_filled(filled, arguments.out / f"{filled.system}.csv")
    return 0


def _write_filled(filled: Filled, path: Path) -> None:
    from autograder.files import write_whole

    write_whole(path, filled.text)
    console.print(f"to import into {filled.system.title()}: {path}, {filled.filled} grades")
    for student in filled.unlisted:
        console.print(f"graded, but not in that list: {student}", markup=False, style="red")
