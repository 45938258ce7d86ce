"""`python -m rdlab explore`: one page to move through a sweep. Given code."""

import argparse

from rdlab.lab.commands import add_folder, add_out, add_runs, sentence


def add_parser(subparsers) -> None:
    """Add `explore` to the command line."""
    text = "make one page to move through the sweep: explorer.html"
    parser = subparsers.add_parser("explore", help=text, description=sentence(text))
    add_runs(parser)
    add_folder(parser)
    add_out(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.explorer import explore

    return explore(arguments.runs, arguments.out, arguments.folder)
