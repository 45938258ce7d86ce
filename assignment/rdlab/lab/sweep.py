"""The sweep over β. Given code."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch

from rdlab.lab.conditions import violations
from rdlab.lab.dask_training import train_on_cluster
from rdlab.lab.data import Dataset, load_images
from rdlab.lab.errors import LabError
from rdlab.lab.models import IMAGE_SHAPE, build_model
from rdlab.lab.parallel import cores, side_by_side
from rdlab.lab.runs import claimed, is_finished, read_metrics, run_folder, write_run
from rdlab.lab.train import train


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
    chosen = _device(None if cluster else device)
    data = _load(next(iter(sweeps.values()))["data"], data_folder)
    unfinished = []
    for out, settings in sweeps.items():  # look at every folder before the first long training
        unfinished += _unfinished(settings, betas, out, data)
    if cluster:
        train_on_cluster(cluster, unfinished, data_folder, device)
    else:
        jobs = min(jobs or (cores() if chosen.type == "cpu" else 1), max(1, len(unfinished)))
        trainings = [
            (folder, config, data_folder, chosen, line if jobs > 1 else 0)
            for line, (folder, config) in enumerate(unfinished)
        ]
        for _ in side_by_side(_train_run, trainings, jobs):
            pass
    for folder, _ in unfinished:
        last = read_metrics(folder)[-1]
        rate, distortion = last["test_rate"], last["test_distortion"]
        print(f"{folder}: R = {rate:.2f} nats, D = {distortion:.2f} on the test set")
    for out in sweeps:
        _print_conditions({beta: run_folder(out, beta) for beta in betas}, data)


def _unfinished(
    settings: dict, betas: Sequence[float], out: Path, data: Dataset
) -> list[tuple[Path, dict]]:
    """Folder and config of every run of a sweep that is not there yet."""
    if (shape := tuple(data.train_images.shape[1:])) != IMAGE_SHAPE:
        settings = {**settings, "image_shape": list(shape)}
    build_model(settings)
    unfinished = []
    for beta in betas:
        folder, config = run_folder(out, beta), {**settings, "beta": float(beta)}
        config["versions"] = _versions()
        if is_finished(folder, config):
            print(f"{folder} is finished and is kept.")
        else:
            unfinished.append((folder, config))
    return unfinished


def _train_run(
    folder: Path, config: dict, data_folder: Path | None, device: torch.device, position: int
) -> None:
    with claimed(folder):
        if is_finished(folder, config):  # another process may have just finished it
            return
        data = _load(config["data"], data_folder)
        model, metrics = train(config, data, device, folder=folder, position=position)
        write_run(folder, config, metrics, model)


_load = cache(load_images)  # once per process


def _print_conditions(folders: dict[float, Path], data: Dataset) -> None:
    last = {beta: read_metrics(folder)[-1] for beta, folder in folders.items()}
    points = {beta: (row["test_rate"], row["test_distortion"]) for beta, row in last.items()}
    broken = violations(points, data.test_images)
    for line in broken:
        print(f"not yet as it must be: {line}")
    if not broken:
        print("These runs satisfy what the grader asks of R and D.")


def _device(name: str | None) -> torch.device:
    """The named device, or the best there is; a small tensor shows that it works."""
    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator or torch.device("cpu")
    try:
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise LabError(f"there is no device {name!r} here: leave --device out.") from error
    return torch.device(name)


def _versions() -> dict[str, str]:
    return {"torch": str(torch.__version__), "numpy": np.__version__}
