"""`python -m rdlab mi`: measure the information in the latents of a sweep. Given code."""

import argparse

from rdlab.lab.commands import add_device, add_folder, add_jobs, add_out, add_runs, sentence


def add_parser(subparsers) -> None:
    """Add `mi` to the command line."""
    text = "measure I(x; z) and I(z; y) of every β: mi.csv and its figure (about two minutes)"
    parser = subparsers.add_parser("mi", help=text, description=sentence(text))
    add_runs(parser)
    add_folder(parser)
    add_out(parser)
    add_jobs(parser, "measurements")
    add_device(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.information import measure_information

    return measure_information(
        arguments.runs, arguments.out, arguments.folder, arguments.jobs, arguments.device
    )
