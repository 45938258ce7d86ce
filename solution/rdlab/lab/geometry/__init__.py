"""The geometry part: classes, chains and walks in the latent space of a run. Given code."""

import argparse
from pathlib import Path

GRADED_BETA = 2.0
"""β = 2σ² with σ = 1, the likelihood of the chains; this run of the sweep is the graded one."""


def add_parser(commands) -> None:
    """Add `python -m rdlab geometry` to the commands of the command line."""
    text = "explore the latent space of the sweep: classes, chains, a walk, the space in training"
    parser = commands.add_parser("geometry", help=text, description=f"{text.capitalize()}.")
    add = parser.add_argument
    add("--runs", type=Path, default=Path("runs"), help="folder of the sweep (default: runs)")
    add("--beta", type=float, default=GRADED_BETA, help="the run to explore (default: 2)")
    add("--compare", type=float, default=10.0, metavar="B", help="a second one (default: 10)")
    add("--out", type=Path, default=Path("figures/geometry"), help="default: figures/geometry")
    add(
        "--results",
        type=Path,
        default=Path("runs-geometry"),
        help="folder of what is handed in, written for β = 2 alone (default: runs-geometry)",
    )
    add("--folder", type=Path, help="where the data's files are")
    add("--jobs", type=int, metavar="N", help="how many processes at once (default: one per core)")
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
