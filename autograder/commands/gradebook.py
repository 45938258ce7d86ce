"""`gradebook`: apply lateness and adjustments to what is graded; fill in an LMS's export."""

import argparse
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    console,
    publish_grades,
    report_ungraded,
    the_class,
    the_course,
)
from autograder.files import write_whole
from autograder.platforms.lms import Filled
from autograder.text import printable


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
    parser.add_argument(
        "--pseudonyms", action="store_true", help="also write pseudonyms.csv: points without names"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.platforms.lms import fill_in
    from autograder.reports.gradebook import load_records, pseudonymous_csv

    course = the_course()
    records = load_records(arguments.out)
    class_ = the_class(arguments.submissions, arguments.out, course, records)
    report_ungraded(class_.jobs(), records)
    grades = publish_grades(records, course, class_.decisions, arguments.out)
    if arguments.pseudonyms:
        target = arguments.out / "pseudonyms.csv"
        write_whole(target, pseudonymous_csv(grades, course.salt))
        console.print(f"points without names: {target}", markup=False)
    unclear = bool(class_.decisions.problems)
    if arguments.lms:
        filled = fill_in(arguments.lms, grades, course, arguments.assignment)
        _write_filled(filled, arguments.out / f"{filled.system}.csv")
        unclear = unclear or bool(filled.unclear)
    return int(unclear)


def _write_filled(filled: Filled, path: Path) -> None:
    write_whole(path, filled.text)
    console.print(f"to import into {filled.system.title()}: {path}, {filled.filled} grades")
    for student in filled.unlisted:
        console.print(f"graded, but not in that list: {student}", markup=False, style="red")
    for sentence in filled.unclear:
        remedy = "left empty; say who it is by [[student]] in adjustments.toml"
        console.print(f"{printable(sentence)}: {remedy}", markup=False, style="red")
