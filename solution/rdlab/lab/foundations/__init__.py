"""Part 4: from the autoencoder to the VAE, `python -m rdlab foundations`. Given code."""

import argparse
from pathlib import Path

TYPES = ("ae", "vae", "linear", "deep", "conv")
STEPS = ("train", "figures", "page")
DATA = ("sample", "fashion-mnist", "mnist", "celeba")
WHOLE, SMALL = (int, 1), (float, 1e-9)
"""Kind and least value of a number: see `rdlab.lab.commands.number`."""

OPTIONS: tuple[tuple[str, dict], ...] = (
    (
        "--autoencoder-type --type",
        {"dest": "types", "nargs": "+", "choices": TYPES, "metavar": "TYPE"}
        | {"help": f"only these of {', '.join(TYPES)} (default: the first four; for celeba conv)"},
    ),
    (
        "--epochs --n-epochs",
        {"type": WHOLE, "metavar": "N"}
        | {"help": "default: 100 for ae, vae and conv, 50 for linear and deep"},
    ),
    ("--batch-size", {"type": WHOLE, "metavar": "N", "default": 128, "help": "default: 128"}),
    (
        "--lr",
        {"type": SMALL, "metavar": "X", "default": 1e-3, "help": "learning rate (default: 0.001)"},
    ),
    (
        "--hidden-layer-size",
        {"type": WHOLE, "metavar": "N", "default": 512, "help": "of ae and vae (default: 512)"},
    ),
    (
        "--latent-dim",
        {"type": WHOLE, "metavar": "N"}
        | {"help": "default: 2 for ae and vae, 32 for linear and deep, 64 for conv"},
    ),
    (
        "--sigma",
        {"type": (float, 1e-3), "metavar": "X", "default": 0.5}
        | {"help": "standard deviation of a pixel, of the Gaussian types (default: 0.5)"},
    ),
    (
        "--mc-samples --n-mc-samples",
        {"type": WHOLE, "metavar": "N", "default": 1}
        | {"help": "draws of z per training image (default: 1)"},
    ),
    (
        "--seed",
        {"type": (int, 0), "metavar": "N", "default": 8675309, "help": "default: 8675309"},
    ),
    (
        "--exp-name",
        {"metavar": "NAME", "default": "AE"}
        | {"help": "how the folders of ae, vae and conv begin (default: AE)"},
    ),
    ("--data", {"choices": DATA, "default": "sample", "help": "default: sample"}),
    (
        "--folder",
        {"type": Path}
        | {
            "help": "where the data's files are: four idx.gz files, torchvision's folder, or the "
            "aligned JPEGs of CelebA"
        },
    ),
    (
        "--jobs",
        {"type": WHOLE, "metavar": "N"}
        | {"help": "how many runs to train at once (default: all of them)"},
    ),
    ("--device", {"help": "cpu, cuda, mps (default: cpu; for conv the best there is)"}),
    (
        "--out",
        {"type": Path, "default": Path("runs-foundations")}
        | {"help": "folder of the runs (default: runs-foundations)"},
    ),
    (
        "--figures",
        {"type": Path, "default": Path("figures-foundations")}
        | {"help": "folder of tables, figures and page (default: figures-foundations)"},
    ),
)


def add_parser(subparsers) -> None:
    """Add the command `foundations` to the command line.

    Args:
        subparsers: what `ArgumentParser.add_subparsers` returns. The command's parser gets a
            default `run`, a function of the parsed arguments that returns the exit code.
    """
    from rdlab.lab.commands import number  # here: the autograder imports this package without it

    parser = subparsers.add_parser(
        "foundations",
        help="part 4: train the four runs, measure and draw them, make their page",
        description="Train the runs of part 4, each into a folder of its own, then measure and "
        "draw them. Stopped at any moment, the same command continues after the last whole epoch; "
        "finished runs are kept.",
    )
    parser.add_argument(
        "steps",
        nargs="*",
        default=[],
        metavar="STEP",
        help=f"only these of {', '.join(STEPS)} (default: all three)",
    )
    for names, settings in OPTIONS:
        if isinstance(settings.get("type"), tuple):
            settings = settings | {"type": number(*settings["type"])}
        parser.add_argument(*names.split(), **settings)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.foundations.commands import run

    return run(arguments)
