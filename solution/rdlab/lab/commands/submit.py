"""`python -m rdlab submit`: pack what is handed in. Given code."""

import argparse
from pathlib import Path

from rdlab.lab.commands import sentence


def add_parser(subparsers) -> None:
    """Add `submit` to the command line."""
    text = "pack submission.zip and say what is missing"
    parser = subparsers.add_parser("submit", help=text, description=sentence(text))
    parser.add_argument(
        "--from",
        dest="places",
        type=_place,
        nargs="+",
        default=[],
        metavar="FOLDER=OTHER",
        help="take an experiment's runs from another folder: --from runs=runs-small",
    )
    parser.add_argument("--out", type=Path, default=Path("submission.zip"))
    parser.set_defaults(run=_run)


def _place(text: str) -> tuple[str, Path]:
    folder, _, other = text.partition("=")
    if not (folder and other):
        raise argparse.ArgumentTypeError(f"{text!r} is not FOLDER=OTHER, as in runs=runs-small")
    return folder, Path(other)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.submit import submit

    return submit(Path.cwd(), dict(arguments.places), arguments.out)
