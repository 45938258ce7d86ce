"""`python -m rdlab setup`: install what the lab needs. Given code."""

import argparse
from pathlib import Path

from rdlab.lab.commands import sentence


def add_parser(subparsers) -> None:
    """Add `setup` to the command line."""
    text = "once: install what the lab needs into .venv"
    parser = subparsers.add_parser("setup", help=text, description=sentence(text))
    parser.add_argument(
        "--cuda", action="store_true", help="on Linux: PyTorch for an NVIDIA GPU (2.8 GB)"
    )
    parser.add_argument(
        "--here",
        action="store_true",
        help="into the Python that runs this, which keeps the versions that it has (Colab, Kaggle)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.setup import setup

    return setup(Path.cwd(), cuda=arguments.cuda, here=arguments.here)
