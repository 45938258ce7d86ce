"""The command line: python -m rdlab check | sweep | analyse | mi | explore | submit. Given code."""

import argparse
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from rdlab.lab.errors import LabError, not_done

OPTIONAL_PARTS = ("foundations", "geometry", "hierarchy")
"""Packages of rdlab.lab that are there while their part is on: each brings its command."""


def _number(kind: type, least: float):
    def parse(text: str):
        value = kind(text)
        if not least <= value < float("inf"):
            raise ValueError
        return value

    parse.__name__ = f"number, it must be at least {least:g},"
    return parse


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rdlab",
        description="Variational autoencoders, rate–distortion and mutual information.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("check", help="run the public checks of your functions", add_help=False)
    _add_sweep(commands)
    for name, text in (
        ("analyse", "measure the sweep, code its images, draw it: analysis.csv and figures"),
        ("mi", "measure I(x; z) and I(z; y) of every β: mi.csv and its figure"),
        ("explore", "make one page to move through the sweep: explorer.html"),
    ):
        command = commands.add_parser(name, help=text, description=f"{text.capitalize()}.")
        _add_runs(command, several=name == "analyse")
        _add_folder(command)
        command.add_argument("--out", type=Path, default=Path("figures"), help="default: figures")
        if name == "mi":
            _add_jobs(command)
    for name in OPTIONAL_PARTS:
        if find_spec(f"rdlab.lab.{name}"):
            import_module(f"rdlab.lab.{name}").add_parser(commands)
    submit = commands.add_parser("submit", help="pack submission.zip and say what is missing")
    _add_runs(submit)
    submit.add_argument("--out", type=Path, default=Path("submission.zip"))
    return parser


def _add_runs(command: argparse.ArgumentParser, *, several: bool = False) -> None:
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


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--folder", type=Path, help="where the data's files are; for dogs-vs-cats its .jpg files"
    )


def _add_jobs(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--jobs",
        type=_number(int, 1),
        metavar="N",
        help="how many β at once (default: one per core)",
    )


def _add_sweep(commands) -> None:
    sweep = commands.add_parser(
        "sweep",
        help="train one β-VAE per β and store each in its folder of runs/",
        description="Train one β-VAE per β. Stopped at any moment, the same command goes on after "
        "the last whole epoch; finished runs are kept.",
    )
    whole = _number(int, 1)
    add = sweep.add_argument
    add("--model", choices=("mlp", "conv"), default="mlp", help="default: mlp")
    add(
        "--hidden",
        type=whole,
        nargs="+",
        default=[512, 256],
        metavar="N",
        help="widths of the MLP's hidden layers (default: 512 256)",
    )
    add(
        "--width",
        type=whole,
        default=32,
        metavar="N",
        help="channels of the convolutional network (default: 32)",
    )
    add("--latent-dim", type=whole, default=32, metavar="N", help="default: 32")
    add(
        "--beta",
        type=_number(float, 1e-6),
        nargs="+",
        metavar="B",
        help="only these prices of a nat (default: all six of the assignment)",
    )
    add(
        "--data",
        choices=("sample", "fashion-mnist", "dogs-vs-cats"),
        default="sample",
        help="default: sample",
    )
    _add_folder(sweep)
    add("--epochs", type=whole, default=20, metavar="N", help="default: 20")
    add("--batch-size", type=whole, default=128, metavar="N", help="default: 128")
    add(
        "--seed",
        type=_number(int, 0),
        nargs="+",
        default=[0],
        metavar="N",
        help="of the weights, the order of the images and the noise (default: 0); with several, "
        "each sweep has a folder of its own: runs-0, runs-1, …",
    )
    add("--augment", action="store_true", help="mirror and shift the training images")
    _add_jobs(sweep)
    add("--cluster", metavar="ADDRESS", help="of a Dask scheduler: train on its workers")
    add("--device", help="cpu, cuda, mps (default: the best there is)")
    add("--out", type=Path, default=Path("runs"), help="folder to write to (default: runs)")


def _sweep(arguments: argparse.Namespace) -> int:
    from rdlab.lab.runs import BETAS
    from rdlab.lab.sweep import sweep

    sizes = {"mlp": ("model", "hidden"), "conv": ("model", "width")}[arguments.model]
    keys = (*sizes, "latent_dim", "data", "epochs", "batch_size", "seed", "augment")
    settings = {key: getattr(arguments, key) for key in keys}
    out, seeds = arguments.out, set(arguments.seed)
    sweeps = {
        out if len(seeds) == 1 else out.with_name(f"{out.name}-{seed}"): {**settings, "seed": seed}
        for seed in sorted(seeds)
    }
    places = {"data_folder": arguments.folder, "device": arguments.device}
    sweep(sweeps, arguments.beta or BETAS, jobs=arguments.jobs, cluster=arguments.cluster, **places)
    return 0


def _run(argv: list[str]) -> int:
    if argv[:1] == ["check"]:
        from rdlab.lab import check

        return check.main(argv[1:])
    arguments = _parser().parse_args(argv)
    if "run" in arguments:  # a command of an optional part
        return arguments.run(arguments)
    if arguments.command == "sweep":
        return _sweep(arguments)
    if arguments.command == "analyse":
        from rdlab.lab.analysis import analyse

        return analyse(arguments.runs, arguments.out, arguments.folder)
    if arguments.command == "mi":
        from rdlab.lab.information import measure_information

        return measure_information(arguments.runs, arguments.out, arguments.folder, arguments.jobs)
    if arguments.command == "explore":
        from rdlab.lab.explorer import explore

        return explore(arguments.runs, arguments.out, arguments.folder)
    from rdlab.lab.submit import submit

    return submit(Path.cwd(), arguments.runs, arguments.out)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 2 an error, 130 interrupted."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except LabError as error:
        message = str(error)
    except NotImplementedError as error:
        message = str(not_done(error))
    except OSError as error:
        message = f"{error}."
    except KeyboardInterrupt:
        print("\ninterrupted: whole epochs are kept; give the command again to go on.")
        return 130
    print(f"error: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
