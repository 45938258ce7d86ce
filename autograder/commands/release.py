"""`release`: make assignment/ from solution/."""

import argparse
import sys
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import Commands, console, replace_published_salt


def add_parser(commands: Commands) -> None:
    """Add `release` to the command line."""
    parser = commands.add_parser("release", help="make assignment/ from solution/")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    parser.add_argument("--zip", action="store_true", help="also pack dist/assignment.zip")
    parser.add_argument(
        "--parts",
        type=_numbers,
        metavar="N,N",
        help="these parts on, whatever course.toml says; needs --out",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="write there, not to assignment/"
    )
    parser.set_defaults(run=run)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def run(arguments: argparse.Namespace) -> int:
    from autograder.authoring.release import check_release, pack, release
    from autograder.course import CourseError, load_course

    if arguments.parts and not arguments.out:
        raise CourseError("--parts would change assignment/: say where to write with --out")
    if arguments.out:
        release(ROOT, load_course(ROOT / "course.toml", arguments.parts), arguments.out)
        console.print(f"written: {arguments.out}", markup=False)
        return 0

    if arguments.check:
        differences = check_release(ROOT)
        for line in differences:
            print(line, file=sys.stderr)
        return int(bool(differences))
    release(ROOT)
    console.print("assignment/ is made from solution/, tests/public/ and data/")
    if arguments.zip:
        replace_published_salt(ROOT)
        console.print(f"packed: {pack(ROOT)}")
    return 0
