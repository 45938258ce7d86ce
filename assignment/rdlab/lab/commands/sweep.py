"""`python -m rdlab sweep`: train one β-VAE per β. Given code."""

import argparse
from pathlib import Path

from rdlab.lab.commands import add_device, add_folder, add_jobs, number


def add_parser(subparsers) -> None:
    """Add `sweep` to the command line."""
    sweep = subparsers.add_parser(
        "sweep",
        help="train one β-VAE per β, each into its folder of runs/ (about a minute)",
        description="Train one β-VAE per β. Stopped at any moment, the same command goes on after "
        "the last whole epoch; finished runs are kept.",
    )
    _add_model(sweep)
    _add_training(sweep)
    add_jobs(sweep)
    sweep.add_argument(
        "--cluster", metavar="ADDRESS", help="of a Dask scheduler: train on its workers"
    )
    add_device(sweep)
    sweep.add_argument(
        "--out", type=Path, default=Path("runs"), help="folder to write to (default: runs)"
    )
    sweep.set_defaults(run=_run)


def _add_model(sweep: argparse.ArgumentParser) -> None:
    """Add the options that say what is trained."""
    add, whole = sweep.add_argument, number(int, 1)
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
        type=number(float, 1e-6),
        nargs="+",
        metavar="B",
        help="only these prices of a nat (default: all six of the assignment)",
    )


def _add_training(sweep: argparse.ArgumentParser) -> None:
    """Add the options that say on what, and how, it is trained."""
    add, whole = sweep.add_argument, number(int, 1)
    add(
        "--data",
        choices=("sample", "fashion-mnist", "dogs-vs-cats"),
        default="sample",
        help="default: sample",
    )
    add_folder(sweep)
    add("--epochs", type=whole, default=20, metavar="N", help="default: 20")
    add("--batch-size", type=whole, default=128, metavar="N", help="default: 128")
    add(
        "--seed",
        type=number(int, 0),
        nargs="+",
        default=[0],
        metavar="N",
        help="of the weights, the order of the images and the noise (default: 0); with several, "
        "each sweep has a folder of its own: runs-0, runs-1, …",
    )
    add("--augment", action="store_true", help="mirror and shift the training images")


def _run(arguments: argparse.Namespace) -> int:
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
