"""What `python -m rdlab foundations` does. Given code."""

import argparse
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rdlab.lab.errors import LabError
from rdlab.lab.foundations import STEPS, folders
from rdlab.lab.foundations.data import load
from rdlab.lab.foundations.networks import BERNOULLI, DEEP
from rdlab.lab.foundations.training import train_run
from rdlab.lab.parallel import side_by_side
from rdlab.lab.progress import one_bar
from rdlab.lab.runs import read_config
from rdlab.lab.train_runs import chosen_device

FOUR = ("ae", "vae", "linear", "deep")
EPOCHS = {"ae": 100, "vae": 100, "linear": 50, "deep": 50, "conv": 100}
LATENT_DIM = {"ae": 2, "vae": 2, "linear": 32, "deep": 32, "conv": 64}
CONV_WIDTH = 32


def run(arguments: argparse.Namespace) -> int:
    """Train, draw and make the page, or only the steps that were named."""
    steps = arguments.steps or STEPS
    if unknown := [step for step in steps if step not in STEPS]:
        raise LabError(f"there is no step {unknown[0]!r}: the steps are {', '.join(STEPS)}.")
    if "train" in steps:
        train(arguments)
    if "figures" in steps:
        from rdlab.lab.foundations.report import report

        report(arguments.out, arguments.figures, arguments.folder)
    if "page" in steps:
        from rdlab.lab.foundations.page import write_page

        try:
            write_page(arguments.out, arguments.figures, arguments.folder)
        except LabError as error:  # the Gaussian half of the part has no page
            if arguments.steps:
                raise
            print(f"no page yet: {error}")
    return 0


def train(arguments: argparse.Namespace) -> None:
    """Train the chosen types side by side, each into its folder.

    Raises:
        LabError: a setting is out of range, a folder holds another run, runs on other data or is
            in use, or training diverged.
    """
    if not re.fullmatch(r"[\w.+-]{1,60}", arguments.exp_name):
        raise LabError(
            f"--exp-name {arguments.exp_name!r} is to begin a folder's name: use letters, digits, "
            "_, ., + and -."
        )
    types = arguments.types or (("conv",) if arguments.data == "celeba" else FOUR)
    if arguments.data == "celeba" and set(types) != {"conv"}:
        raise LabError("CelebA's photographs are large and in colour: use --type conv for them.")
    _refuse_other_data(arguments.out, arguments.data)
    data = _load(arguments.data, arguments.folder)
    shape = list(data.train_images.shape[1:])
    unfinished: list[tuple[Path, dict, Path | None, str]] = []
    for kind in dict.fromkeys(types):  # look at every folder before the first long training
        config = settings(kind, arguments, shape)
        folders.build(config)
        folder = arguments.out / folders.run_name(config, arguments.exp_name)
        if folders.is_finished(folder, config):
            print(f"{folder} is finished and is kept.")
        else:
            device = _device(arguments.device, kind)
            unfinished.append((folder, config, arguments.folder, device))
    if unfinished:
        _train_side_by_side(unfinished, arguments.jobs)


def _train_side_by_side(trainings: list[tuple], jobs: int | None) -> None:
    """Train so many at once, by default all: they differ in length, and sharing evens that out."""
    epochs = sum(config["epochs"] for _, config, *_ in trainings)
    with one_bar(epochs, f"training {len(trainings)} networks", "epoch") as bar:
        for line in side_by_side(_train, trainings, jobs or len(trainings)):
            bar.write(line)


def _refuse_other_data(out: Path, data: str) -> None:
    """Keep a folder to one data set, before hours of training: figures compare all its runs."""
    for metrics in sorted(out.glob("[!.]*/perf_metrics.csv")):
        stored = read_config(metrics.parent).get("data")
        if stored != data:
            raise LabError(
                f"{metrics.parent} was trained on {stored}: keep the runs on {data} in folders of "
                f"their own, with --out runs-{data} --figures figures-{data}."
            )


def settings(kind: str, arguments: argparse.Namespace, shape: list[int]) -> dict:
    """Return the config.json of a run of this type."""
    config: dict[str, Any] = {"type": kind}
    if kind in BERNOULLI:
        config["hidden"] = arguments.hidden_layer_size
    elif kind == "deep":
        config["hidden"] = list(DEEP)
    elif kind == "conv":
        config["width"] = CONV_WIDTH
    config["latent_dim"] = arguments.latent_dim or LATENT_DIM[kind]
    if kind not in BERNOULLI:
        config["sigma"] = arguments.sigma
    return config | {
        "image_shape": shape,
        "data": arguments.data,
        "epochs": arguments.epochs or EPOCHS[kind],
        "batch_size": arguments.batch_size,
        "learning_rate": arguments.lr,
        "mc_samples": arguments.mc_samples,
        "seed": arguments.seed,
        "versions": {"torch": str(torch.__version__), "numpy": np.__version__},
    }


_load = cache(load)  # once per process


def _train(folder: Path, config: dict, data_folder: Path | None, device: str) -> str:
    train_run(folder, config, _load(config["data"], data_folder), torch.device(device))
    run = folders.read(folder)
    return (
        f"{folder}: {run.summary['parameters']:,} parameters, loss "
        f"{run.metrics[-1]['test_loss']:.2f} on the test images"
    )


def _device(name: str | None, kind: str) -> str:
    """Return the named device, else the processor; for photographs, else the best there is."""
    return "cpu" if name is None and kind != "conv" else str(chosen_device(name))
