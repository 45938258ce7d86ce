"""`nbgrader`: set up a course folder for nbgrader, hand in a class there."""

import argparse
import sys
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    add_isolation,
    console,
    replace_published_salt,
    the_class,
    the_course,
)
from autograder.course import Course
from autograder.intake.submission import IntakeError
from autograder.text import printable


def add_parser(commands: Commands) -> None:
    """Add `nbgrader` to the command line."""
    parser = commands.add_parser("nbgrader", help="set up a course folder for nbgrader")
    parser.add_argument("course", type=Path, help="the folder; what is in it is kept")
    parser.add_argument("--submissions", type=Path, help="a class folder to hand in there")
    parser.add_argument("--student", help="only grade what this student has handed in there")
    add_isolation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.platforms.nbgrader_course import NEXT_STEPS, complete_all, grade_one, set_up

    if not arguments.student:
        replace_published_salt(ROOT, arguments.submissions)
    course = the_course()
    if arguments.student:
        grade_one(arguments.student, arguments.course, course, arguments.isolation)
        return 0
    set_up(arguments.course, course)
    left = _hand_in(arguments, course) if arguments.submissions else 0
    for student in complete_all(arguments.course, course):
        console.print(f"{student} has no readable report.ipynb: an empty one is in its place")
    console.print(f"{arguments.course} is ready. {NEXT_STEPS}", highlight=False, markup=False)
    return int(bool(left))


def _hand_in(arguments: argparse.Namespace, course: Course) -> int:
    """Hand in a class; return how many submissions were not."""
    from autograder.platforms.nbgrader_course import hand_in

    left = 0
    class_ = the_class(arguments.submissions, arguments.course, course)
    for problem in class_.decisions.problems:
        console.print(printable(problem), markup=False, style="red")
    for job in class_.jobs():
        submitted = class_.decisions.submitted.get(job.student)
        time = submitted.time if submitted else None
        try:
            new = hand_in(job.path, job.student, arguments.course, course, time)
        except IntakeError as error:
            left += 1
            print(f"refused: {printable(error)}", file=sys.stderr)
        except OSError as error:  # no fault of the student's
            left += 1
            what = printable(f"{error.filename or job.path}: {error.strerror or error}")
            print(f"not handed in: {what}: fix this, then give the command again", file=sys.stderr)
        else:
            console.print(f"{job.student}: {'handed in' if new else 'unchanged'}", markup=False)
    return left
