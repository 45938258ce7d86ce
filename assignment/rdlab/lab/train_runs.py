"""Train several runs side by side, each into its folder; what is finished is kept. Given code."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from rdlab.lab.errors import LabError
from rdlab.lab.parallel import cores, side_by_side
from rdlab.lab.progress import one_bar
from rdlab.lab.runs import claimed, is_finished, write_run


def unfinished(runs: Iterable[tuple[Path, dict]]) -> list[tuple[Path, dict]]:
    """Return those of these run folders that are not there yet, each with its config.

    Args:
        runs: folder and config of each run; the versions of the libraries are added.

    Raises:
        LabError: a folder holds another run, or not a whole one.
    """
    versions = {"torch": str(torch.__version__), "numpy": np.__version__}
    left = []
    for folder, config in runs:
        config = {**config, "versions": versions}
        if is_finished(folder, config):
            print(f"{folder} is finished and is kept.")
        else:
            left.append((folder, config))
    return left


def train_runs(
    runs: Sequence[tuple[Path, dict]],
    columns: Sequence[str],
    train: Callable,
    device: torch.device,
    jobs: int | None = None,
) -> None:
    """Train every run and write it as soon as it is done.

    Args:
        runs: folder and config of each, as `unfinished` gives them.
        columns: of metrics.csv.
        train: called as train(config, device, folder=…), as `checkpointed_epochs` wants it; gives
            (model, rows). It crosses to other processes, so it is a function of a module, or a
            `functools.partial` of one.
        device: where to train.
        jobs: how many to train at once; None is one per processor core, or one on an accelerator.
            The cores are shared out among them.

    Raises:
        LabError: a folder is in use, training diverged, or a process was killed.
    """
    if not runs:
        return
    jobs = jobs or (cores() if device.type == "cpu" else 1)
    trainings = [(folder, config, device) for folder, config in runs]
    epochs = sum(config.get("epochs", 0) for _, config in runs)
    with one_bar(epochs, f"training {len(runs)} runs", "epoch"):
        for _ in side_by_side(partial(_train_run, train, tuple(columns)), trainings, jobs):
            pass


def _train_run(
    train: Callable,
    columns: Sequence[str],
    folder: Path,
    config: dict,
    device: torch.device,
) -> None:
    with claimed(folder):
        if is_finished(folder, config):  # another process may have just finished it
            return
        model, rows = train(config, device, folder=folder)
        write_run(folder, config, rows, columns, model)


def chosen_device(name: str | None) -> torch.device:
    """Return the named device, or the best there is; a small tensor shows that it works.

    Raises:
        LabError: there is no such device.
    """
    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator or torch.device("cpu")
    try:
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise LabError(f"there is no device {name!r} here: leave --device out.") from error
    return torch.device(name)
