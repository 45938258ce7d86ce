"""`gradescope`: pack dist/autograder.zip; in its container, grade one submission."""

import argparse
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    chosen_tasks,
    console,
    replace_published_salt,
    the_course,
)


def add_parser(commands: Commands) -> None:
    """Add `gradescope` to the command line."""
    parser = commands.add_parser("gradescope", help="pack dist/autograder.zip")
    parser.add_argument(
        "--grade",
        type=Path,
        metavar="FOLDER",
        help="in the container: grade FOLDER/submission into FOLDER/results",
    )
    parser.add_argument("--only", action="append", default=[], metavar="TASK")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.platforms.gradescope import grade_in_container, pack_autograder

    if arguments.grade is None:
        replace_published_salt(ROOT)
    course = the_course()
    if arguments.grade is None:
        target = pack_autograder(ROOT, course, ROOT / "dist" / "autograder.zip")
        console.print(f"packed: {target}")
        return 0
    from autograder.judging.record import to_text
    from autograder.sandbox.sandbox import choose_tier

    tasks, tier = chosen_tasks(arguments.only, course), choose_tier("auto")
    record = grade_in_container(arguments.grade, course, tier, tasks)
    seconds = f"{record.times['total']:.0f} s"
    print(f"{record.student}: {record.status}, isolation: {tier}, {seconds}")
    print(to_text(record), end="")
    return 0
