"""Part 4: from the autoencoder to the VAE, `python -m rdlab foundations`. Given code."""

import argparse
from pathlib import Path

TYPES = ("ae", "vae", "linear", "deep", "conv")
STEPS = ("train", "figures", "page")


def add_parser(subparsers) -> None:
    """Add the command `foundations` to the command line.

    Args:
        subparsers: what `ArgumentParser.add_subparsers` returns. The command's parser gets a
            default `run`, a function of the parsed arguments that returns the exit code.
    """
    from rdlab.lab.commands import number  # here: the grader imports this package without it

    parser = subparsers.add_parser(
        "foundations",
        help="part 4: train the four runs, measure and draw them, make their page",
        description="Train the runs of part 4, each into a folder of its own, then measure and "
        "draw them. Stopped at any moment, the same command continues after the last whole epoch; "
        "finished runs are kept.",
    )
    add = parser.add_argument
    add(
        "steps",
        nargs="*",
        default=[],
        metavar="STEP",
        help="only these of train, figures, page (default: all three)",
    )
    add(
        "--autoencoder-type",
        "--type",
        dest="types",
        nargs="+",
        choices=TYPES,
        metavar="TYPE",
        help="only these of ae, vae, linear, deep, conv (default: the first four; conv for celeba)",
    )
    add(
        "--epochs",
        "--n-epochs",
        type=number(int, 1),
        metavar="N",
        help="default: 100 for ae, vae and conv, 50 for linear and deep",
    )
    add("--batch-size", type=number(int, 1), default=128, metavar="N", help="default: 128")
    add(
        "--lr",
        type=number(float, 1e-9),
        default=1e-3,
        metavar="X",
        help="learning rate (default: 0.001)",
    )
    add(
        "--hidden-layer-size",
        type=number(int, 1),
        default=512,
        metavar="N",
        help="of ae and vae (default: 512)",
    )
    add(
        "--latent-dim",
        type=number(int, 1),
        metavar="N",
        help="default: 2 for ae and vae, 32 for linear and deep, 64 for conv",
    )
    add(
        "--sigma",
        type=number(float, 1e-3),
        default=0.5,
        metavar="X",
        help="standard deviation of a pixel, of the Gaussian types (default: 0.5)",
    )
    add(
        "--mc-samples",
        "--n-mc-samples",
        type=number(int, 1),
        default=1,
        metavar="N",
        help="draws of z per training image (default: 1)",
    )
    add("--seed", type=number(int, 0), default=8675309, metavar="N", help="default: 8675309")
    add(
        "--exp-name",
        default="AE",
        metavar="NAME",
        help="how the folders of ae, vae and conv begin (default: AE)",
    )
    add(
        "--data",
        choices=("sample", "fashion-mnist", "mnist", "celeba"),
        default="sample",
        help="default: sample",
    )
    add(
        "--folder",
        type=Path,
        help="where the data's files are: four idx.gz files, torchvision's folder, or the aligned "
        "JPEGs of CelebA",
    )
    add(
        "--jobs",
        type=number(int, 1),
        metavar="N",
        help="how many runs to train at once (default: all of them)",
    )
    add("--device", help="cpu, cuda, mps (default: cpu; for conv the best there is)")
    add(
        "--out",
        type=Path,
        default=Path("runs-foundations"),
        help="folder of the runs (default: runs-foundations)",
    )
    add(
        "--figures",
        type=Path,
        default=Path("figures-foundations"),
        help="folder of tables, figures and page (default: figures-foundations)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from rdlab.lab.foundations.commands import run

    return run(arguments)
