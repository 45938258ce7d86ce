"""`release`: make assignment/ from solution/."""

import argparse
import sys

from autograder import ROOT
from autograder.commands.shared import Commands, console


def add_parser(commands: Commands) -> None:
    """Add `release` to the command line."""
    parser = commands.add_parser("release", help="make assignment/ from solution/")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    parser.add_argument("--zip", action="store_true", help="also pack dist/assignment.zip")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.authoring.release import check_release, pack, release

    if arguments.check:
        differences = check_release(ROOT)
        for line in differences:
            print(line, file=sys.stderr)
        return int(bool(differences))
    release(ROOT)
    console.print("assignment/ is made from solution/, tests/public/ and data/")
    if arguments.zip:
        console.print(f"packed: {pack(ROOT)}")
    return 0
