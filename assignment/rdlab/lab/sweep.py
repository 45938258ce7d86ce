"""The sweep over β. Given code."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import torch

from rdlab.lab.conditions import linear_costs, violations
from rdlab.lab.dask_training import train_on_cluster
from rdlab.lab.data import Dataset, load_images
from rdlab.lab.models import IMAGE_SHAPE, build_model
from rdlab.lab.runs import COLUMNS, read_metrics, run_folder
from rdlab.lab.train import train
from rdlab.lab.train_runs import chosen_device, train_runs, unfinished


def sweep(
    sweeps: Mapping[Path, dict],
    betas: Sequence[float],
    *,
    data_folder: Path | None = None,
    device: str | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
) -> None:
    """Train one model per sweep and β and write each to its run folder; finished runs are kept.

    Stopped at any moment, it loses at most the epoch it is in: called again with the same
    arguments it goes on, and ends with the same weights. On a cluster it loses the runs that a
    killed worker had begun, and starts them again on another.

    Args:
        sweeps: folder of run folders → the config of its runs but for beta and versions: "model"
            and its sizes (see `build_model`), "data", "epochs", "batch_size", "seed", "augment".
            Another image shape than (1, 28, 28) is added.
        betas: the prices of a nat to train at.
        data_folder: see `load_images`.
        device: where to train; None is the accelerator if there is one.
        jobs: how many to train at once; None is one per processor core, or one on an accelerator.
            The cores are shared out among them.
        cluster: address of a Dask scheduler on whose workers to train.

    Raises:
        LabError: a setting is out of range, a folder holds another run or is in use, training
            diverged, or the cluster cannot be used.
    """
    chosen = chosen_device(None if cluster else device)
    name = next(iter(sweeps.values()))["data"]
    data = _load(name, data_folder)
    runs = []  # look at every folder before the first long training
    for out, settings in sweeps.items():
        runs += unfinished(_runs(settings, betas, out, data))
    if cluster:
        train_on_cluster(cluster, runs, data_folder, device)
    else:
        train_runs(runs, COLUMNS, partial(_train, data_folder), chosen, jobs)
    for folder, _ in runs:
        last = read_metrics(folder)[-1]
        rate, distortion = last["test_rate"], last["test_distortion"]
        print(f"{folder}: R = {rate:.2f} nats, D = {distortion:.2f} on the test set")
    for out in sweeps:
        _print_conditions({beta: run_folder(out, beta) for beta in betas}, name, data)


def _runs(
    settings: dict, betas: Sequence[float], out: Path, data: Dataset
) -> list[tuple[Path, dict]]:
    """Return folder and config of every run of a sweep."""
    if (shape := tuple(data.train_images.shape[1:])) != IMAGE_SHAPE:
        settings = {**settings, "image_shape": list(shape)}
    build_model(settings)
    return [(run_folder(out, beta), {**settings, "beta": float(beta)}) for beta in betas]


def _train(data_folder: Path | None, config: dict, device: torch.device, *, folder: Path):
    return train(config, _load(config["data"], data_folder), device, folder=folder)


_load = cache(load_images)  # once per process


def _print_conditions(folders: dict[float, Path], name: str, data: Dataset) -> None:
    last = {beta: read_metrics(folder)[-1] for beta, folder in folders.items()}
    points = {beta: (row["test_rate"], row["test_distortion"]) for beta, row in last.items()}
    linear, unknown = linear_costs(name, data.test_images, sorted(points))
    broken = violations(points, linear, len(data.test_images))
    for line in broken:
        print(f"condition not met: {line}")
    if unknown:
        print(unknown)
    elif not broken:
        print("These runs satisfy what the autograder asks of R and D.")
