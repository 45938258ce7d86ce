"""The geometry part: classes, chains and walks in the latent space of a run. Given code."""

import argparse
from pathlib import Path

from rdlab.lab.commands import add_folder, add_jobs, add_runs, number, sentence

GRADED_BETA = 2.0
"""β = 2σ² with σ = 1, the likelihood of the chains; this run of the sweep is the graded one."""


def add_parser(subparsers) -> None:
    """Add `geometry` to the command line."""
    text = "explore the latent space: classes, chains, a walk, training; write runs-geometry/"
    parser = subparsers.add_parser("geometry", help=text, description=sentence(text))
    add = parser.add_argument
    price = number(float, 1e-6)
    add("--beta", type=price, default=GRADED_BETA, help="the run to explore (default: 2)")
    add("--compare", type=price, default=10.0, metavar="B", help="a second one (default: 10)")
    add("--out", type=Path, default=Path("figures/geometry"), help="default: figures/geometry")
    add(
        "--results",
        type=Path,
        default=Path("runs-geometry"),
        help="folder of what is handed in, written for β = 2 alone (default: runs-geometry)",
    )
    add_runs(parser)
    add_folder(parser)
    add_jobs(parser, "trainings and measurements")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.geometry.command import geometry

    return geometry(
        arguments.runs,
        arguments.out,
        arguments.results,
        beta=arguments.beta,
        other=arguments.compare,
        jobs=arguments.jobs,
        data_folder=arguments.folder,
    )
