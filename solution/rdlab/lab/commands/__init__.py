"""The commands of `python -m rdlab`, a file each, and options that several have. Given code.

A file defines `add_parser(subparsers)`, which sets `run`, a function of the parsed arguments that
returns the exit code. So does the package `rdlab.lab.NAME` of an optional part. What is there is a
command: nothing lists them.
"""

import argparse
import importlib
import pkgutil
from pathlib import Path

ORDER = ("setup", "check", "sweep", "analyse", "mi", "explore", "report", "submit")
"""In which the help shows them; all others follow by name."""


def add_commands(subparsers) -> None:
    """Add every command that is there.

    Args:
        subparsers: what `ArgumentParser.add_subparsers` returns.
    """
    found = {entry.name: f"{__name__}.{entry.name}" for entry in pkgutil.iter_modules(__path__)}
    lab = [str(Path(folder).parent) for folder in __path__]
    for entry in pkgutil.iter_modules(lab):
        if entry.ispkg and entry.name != "commands":
            found[entry.name] = f"rdlab.lab.{entry.name}"
    rank = {name: place for place, name in enumerate(ORDER)}
    for name in sorted(found, key=lambda name: (rank.get(name, len(ORDER)), name)):
        module = importlib.import_module(found[name])
        if hasattr(module, "add_parser"):
            module.add_parser(subparsers)


def sentence(text: str) -> str:
    """Return a command's help as the sentence that its own help begins with."""
    return f"{text[0].upper()}{text[1:]}."


def number(kind: type, least: float):
    """Return a `type=` for argparse: a finite number of this kind, at least `least`."""

    def parse(text: str):
        value = kind(text)
        if not least <= value < float("inf"):
            raise ValueError
        return value

    parse.__name__ = f"number, it must be at least {least:g},"
    return parse


def add_runs(command: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Add `--runs`: the folder of a sweep, or of several."""
    if several:
        command.add_argument(
            "--runs",
            type=Path,
            nargs="+",
            default=[Path("runs")],
            help="folder of the sweep, or of several (default: runs)",
        )
    else:
        command.add_argument(
            "--runs", type=Path, default=Path("runs"), help="folder of the sweep (default: runs)"
        )


def add_folder(command: argparse.ArgumentParser) -> None:
    """Add `--folder`: where the data are."""
    command.add_argument(
        "--folder",
        type=Path,
        help="where the data's files are; for dogs-vs-cats also its train.zip",
    )


def add_out(command: argparse.ArgumentParser) -> None:
    """Add `--out`: where tables and figures go."""
    command.add_argument("--out", type=Path, default=Path("figures"), help="default: figures")


def add_jobs(command: argparse.ArgumentParser, of: str = "β") -> None:
    """Add `--jobs`: how many processes at once."""
    command.add_argument(
        "--jobs",
        type=number(int, 1),
        metavar="N",
        help=f"how many {of} at once (default: one per core)",
    )


def add_device(command: argparse.ArgumentParser) -> None:
    """Add `--device`: where to train."""
    command.add_argument("--device", help="cpu, cuda, mps (default: the best there is)")
