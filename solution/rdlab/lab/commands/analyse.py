"""`python -m rdlab analyse`: one table and the plots of a sweep. Given code."""

import argparse

from rdlab.lab.commands import add_folder, add_out, add_runs, sentence


def add_parser(subparsers) -> None:
    """Add `analyse` to the command line."""
    text = "measure the sweep, code its images, draw it: analysis.csv and figures"
    parser = subparsers.add_parser("analyse", help=text, description=sentence(text))
    add_runs(parser, several=True)
    add_folder(parser)
    add_out(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.analysis import analyse

    return analyse(arguments.runs, arguments.out, arguments.folder)
