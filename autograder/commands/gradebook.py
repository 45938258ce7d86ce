"""`gradebook`: apply lateness and adjustments to what is graded; fill in an LMS's export."""

import argparse
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    console,
    publish_grades,
    report_ungraded,
    report_unmatched,
    the_class,
    the_course,
)
from autograder.files import write_whole, write_zip
from autograder.platforms.lms import FilledExport
from autograder.reports.grades import Grade
from autograder.text import plural, printable


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
    parser.add_argument(
        "--mail-merge", action="store_true", help="also write mail-merge.csv: addresses and pages"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.platforms.lms import fill_export, moodle_feedback
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
    if arguments.mail_merge:
        unclear = _write_mail_merge(grades, arguments.out) or unclear
    if arguments.lms:
        filled = fill_export(arguments.lms, grades, course, arguments.assignment)
        _write_filled(filled, arguments.out / f"{filled.system}.csv")
        if filled.system == "moodle":
            files = moodle_feedback(arguments.lms, grades, arguments.out)
            target = write_zip(arguments.out / "moodle-feedback.zip", files)
            pages = plural(len(files), "page")
            console.print(f"feedback for Moodle: {target}, {pages}", markup=False)
        unclear = unclear or bool(filled.unclear)
    return int(unclear)


def _write_filled(filled: FilledExport, path: Path) -> None:
    write_whole(path, filled.text)
    grades = plural(filled.filled, "grade")
    console.print(f"to import into {filled.system.title()}: {path}, {grades}")
    report_unmatched(filled.unlisted, filled.unclear)


def _write_mail_merge(grades: list[Grade], out: Path) -> bool:
    """Write the table; return whether it lacks somebody."""
    from autograder.platforms.mail_merge import mail_merge

    text, without = mail_merge(grades, out)
    write_whole(out / "mail-merge.csv", text)
    console.print(f"for a mail merge: {out / 'mail-merge.csv'}", markup=False)
    for student in without:
        said = printable(f"no address of {student}: give it in roster.csv")
        console.print(said, markup=False, style="red")
    return bool(without)
