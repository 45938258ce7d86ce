"""The actions of `python -m rdlab hierarchy`: train, evaluate, figures. Given code."""

import argparse
from pathlib import Path

from rdlab.lab.commands import number

RUNS = Path("runs-hierarchy")
FIGURES = Path("figures-hierarchy")


def add_actions(parser: argparse.ArgumentParser) -> None:
    """Add the three actions; without one, all three run with their defaults."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    parsers = [_add_train(actions), _add_evaluate(actions), _add_figures(actions)]

    def run_all(arguments: argparse.Namespace) -> int:
        for each in parsers:
            chosen = each.parse_args([])
            chosen.run(chosen)
        return 0

    parser.set_defaults(run=run_all)


def _add_evaluate(actions) -> argparse.ArgumentParser:
    evaluate = actions.add_parser(
        "evaluate",
        help="measure every run: evaluation.csv",
        description="Measure every run of a grid and write evaluation.csv into its folder. If "
        "--runs is the folder of one run, print its numbers and write nothing.",
    )
    _add_places(evaluate)
    evaluate.add_argument(
        "--jobs", type=number(int, 1), metavar="N", help="runs at once (default: one per core)"
    )
    evaluate.add_argument(
        "--seed", type=number(int, 0), default=0, help="of the noise (default: 0)"
    )
    evaluate.set_defaults(run=_evaluate)
    return evaluate


def _add_figures(actions) -> argparse.ArgumentParser:
    figures = actions.add_parser("figures", help="draw the grid, and make the page hierarchy.html")
    _add_places(figures)
    figures.add_argument("--out", type=Path, default=FIGURES, help=f"default: {FIGURES}")
    figures.set_defaults(run=_figures)
    return figures


def _add_places(command: argparse.ArgumentParser) -> None:
    command.add_argument("--runs", type=Path, default=RUNS, help=f"default: {RUNS}")
    command.add_argument("--folder", type=Path, help="where the data's files are")


def _add_train(actions) -> argparse.ArgumentParser:
    train = actions.add_parser(
        "train",
        help="train one hierarchy per pair of prices",
        description="Train one hierarchy per pair of prices. Stopped at any moment, the same "
        "command goes on after the last whole epoch; finished runs are kept.",
    )
    add = train.add_argument
    for layer, where in ((2, "top"), (1, "bottom")):
        add(
            f"--beta{layer}",
            type=number(float, 1e-6),
            nargs="+",
            metavar="B",
            default=[0.3, 1.0, 3.0],
            help=f"prices of a nat in the {where} layer (default: 0.3 1 3)",
        )
    add("--model", choices=("hvae", "lvae"), default="hvae", help="default: hvae")
    _add_network(add)
    _add_training(add)
    train.set_defaults(run=_train)
    return train


def _add_training(add) -> None:
    add("--data", default="sample", metavar="NAME",
        choices=("sample", "fashion-mnist", "dogs-vs-cats", "mnist", "cifar10", "svhn"),
        help="sample (default), fashion-mnist, dogs-vs-cats, mnist, cifar10, svhn")  # fmt: skip
    add("--folder", type=Path, help="where the data's files are")
    add("--epochs", type=number(int, 1), default=20, metavar="N", help="default: 20")
    add("--batch-size", type=number(int, 1), default=128, metavar="N", help="default: 128")
    add(
        "--learning-rate",
        type=number(float, 1e-9),
        default=1e-3,
        metavar="R",
        help="default: 0.001",
    )
    add("--decay", action="store_true",
        help="let the learning rate fall to 0 along a cosine (default: it stays)")  # fmt: skip
    add("--seed", type=number(int, 0), default=0, metavar="N", help="default: 0")
    add("--warm-up", action=argparse.BooleanOptionalAction, default=None,
        help="raise the weight of both KLs from 0 to 1 over the first fifth of the epochs "
        "(default: for the lvae only)")  # fmt: skip
    add("--jobs", type=number(int, 1), metavar="N", help="runs at once (default: one per core)")
    add("--cluster", metavar="ADDRESS", help="of a Dask scheduler: train on its workers")
    add("--device", help="cpu, cuda, mps (default: the best there is)")
    add("--out", type=Path, default=RUNS, help=f"folder to write to (default: {RUNS})")


def _add_network(add) -> None:
    whole = number(int, 1)
    add("--network", choices=("dense", "conv", "linear"), default="dense",
        help="linear has a closed form to compare with (default: dense)")  # fmt: skip
    add("--hidden", type=whole, nargs="+", default=[256, 128], metavar="N",
        help="widths of the dense network (default: 256 128)")  # fmt: skip
    add("--width", type=whole, default=16, metavar="N",
        help="channels of the convolutional network (default: 16)")  # fmt: skip
    add("--top", choices=("dense", "conv"), default="dense",
        help="z₂ as a vector, or as maps of the image (default: dense)")  # fmt: skip
    add("--top-family", choices=("gaussian", "categorical"), default="gaussian",
        help="a categorical z₂ takes one of TOP_DIM values (default: gaussian)")  # fmt: skip
    add("--top-dim", type=whole, default=10, metavar="N", help="default: 10")
    add("--bottom-dim", type=whole, default=32, metavar="N", help="default: 32")
    add("--likelihood", choices=("gaussian", "learned-sigma", "bernoulli", "logistics"),
        default="gaussian", help="of a pixel (default: gaussian, with fixed σ)")  # fmt: skip
    add("--variance", type=number(float, 1e-6), default=0.5, metavar="V",
        help="σ² of the Gaussian with fixed σ (default: 0.5)")  # fmt: skip


def _train(arguments: argparse.Namespace) -> int:
    from rdlab.lab.hierarchy.training import pairs_of, train_grid

    keys = ["model", "network", "top", "top_family", "top_dim", "bottom_dim", "likelihood"]
    keys += ["variance", "data", "epochs", "batch_size", "learning_rate", "seed"]
    keys += {"dense": ["hidden"], "conv": ["width"], "linear": []}[arguments.network]
    settings = {key: getattr(arguments, key) for key in keys}
    warm = arguments.model == "lvae" if arguments.warm_up is None else arguments.warm_up
    if arguments.decay:  # runs without it have no such key
        settings["decay"] = True
    train_grid(
        {**settings, "warm_up": warm},
        pairs_of(arguments.beta2, arguments.beta1),
        arguments.out,
        data_folder=arguments.folder,
        device=arguments.device,
        jobs=arguments.jobs,
        cluster=arguments.cluster,
    )
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    from rdlab.lab.hierarchy.evaluation import evaluate_grid, evaluate_one

    if (arguments.runs / "config.json").is_file():
        evaluate_one(arguments.runs, arguments.folder, seed=arguments.seed)
        return 0
    evaluate_grid(arguments.runs, arguments.folder, jobs=arguments.jobs, seed=arguments.seed)
    return 0


def _figures(arguments: argparse.Namespace) -> int:
    from rdlab.lab.hierarchy.figures import draw_grid
    from rdlab.lab.hierarchy.page import write_page

    draw_grid(arguments.runs, arguments.out, arguments.folder)
    write_page(arguments.runs, arguments.out, arguments.folder)
    return 0
