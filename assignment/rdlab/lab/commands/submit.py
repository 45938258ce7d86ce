"""`python -m rdlab submit`: pack what is handed in. Given code."""

import argparse
from pathlib import Path

from rdlab.lab.commands import add_runs, sentence


def add_parser(subparsers) -> None:
    """Add `submit` to the command line."""
    text = "pack submission.zip and say what is missing"
    parser = subparsers.add_parser("submit", help=text, description=sentence(text))
    add_runs(parser)
    parser.add_argument("--out", type=Path, default=Path("submission.zip"))
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.submit import submit

    return submit(Path.cwd(), arguments.runs, arguments.out)
