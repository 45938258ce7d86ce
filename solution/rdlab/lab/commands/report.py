"""`python -m rdlab report`: open the report's notebook. Given code."""

import argparse
import importlib.util
import subprocess
import sys

from rdlab.lab.commands import sentence


def add_parser(subparsers) -> None:
    """Add `report` to the command line."""
    text = "open the notebook of your report in JupyterLab"
    parser = subparsers.add_parser("report", help=text, description=sentence(text))
    parser.add_argument("--no-browser", action="store_true", help="only say its address")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        raise ModuleNotFoundError(name="jupyterlab")
    words = ["--no-browser"] if arguments.no_browser else []
    command = [sys.executable, "-m", "jupyterlab", "report.ipynb", *words]
    return subprocess.run(command).returncode
