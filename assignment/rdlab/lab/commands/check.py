"""`python -m rdlab check`: run the public checks. Given code."""

import argparse

from rdlab.lab.commands import sentence


def add_parser(subparsers) -> None:
    """Add `check` to the command line."""
    text = "run the public checks of your functions: one line per task, and where to go on"
    parser = subparsers.add_parser("check", help=text, description=sentence(text))
    parser.add_argument("task", nargs="*", help="tasks to check, such as 1.2 (default: all)")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what was returned")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.check import check

    return check(arguments.task, verbose=arguments.verbose)
