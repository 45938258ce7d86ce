"""The folder of one training run: config.json, metrics.csv and weights.safetensors. Given code.

A run folder is written in one move when its training ends, so it is there whole or not at all.
Until then a checkpoint beside it keeps the state after the last whole epoch.
"""

import csv
import json
import math
import os
import pickle
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from rdlab.lab.errors import LabError
from rdlab.lab.models import build_model, load_state

BETAS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
RUN_FILES = ("config.json", "metrics.csv", "weights.safetensors")
COLUMNS = ("epoch", "loss", "seconds", "test_rate", "test_distortion")


class Run(NamedTuple):
    """A finished run, read back."""

    config: dict
    metrics: list[dict[str, float]]
    """One row per epoch; the last one's test metrics are those of the stored weights."""
    model: nn.Module
    """With the stored weights, in float32 and evaluation mode."""


def run_folder(out: Path, beta: float) -> Path:
    """Return a run's folder, for example runs/beta-0.1."""
    return out / f"beta-{beta:g}"


def is_finished(folder: Path, config: dict, files: Sequence[str] = RUN_FILES) -> bool:
    """Return whether the folder holds this very run; False if there is no such folder yet.

    Args:
        files: without which it is not whole.

    Raises:
        LabError: it holds another run, or not a whole one.
    """
    if not folder.exists():
        return False
    _refuse_other(folder, read_config(folder), config)
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise LabError(f"{folder} lacks {' and '.join(missing)}: delete the folder and run again.")
    return True


def _refuse_other(path: Path, stored: dict, config: dict) -> None:
    different = [key for key in config if key != "versions" and stored.get(key) != config[key]]
    if different:
        key = different[0]
        raise LabError(
            f"{path} holds a run with {key} = {stored.get(key)}, not {config[key]}: choose "
            "another folder with --out, or delete this one."
        )


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep every other process from training this run, as long as the block lasts.

    Raises:
        LabError: another process is training it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(_beside(folder, "lock"), timeout=0):
            yield
    except Timeout as error:
        raise LabError(
            f"another process is training {folder}: wait for it, or choose another folder with "
            "--out."
        ) from error


def _beside(folder: Path, suffix: str) -> Path:
    """Return a hidden sibling of a run folder: runs/.beta-0.1.lock."""
    return folder.with_name(f".{folder.name}.{suffix}")


def write_checkpoint(folder: Path, config: dict, state: dict) -> None:
    """Keep the state of an unfinished run; the previous one stays until this one is whole.

    Args:
        folder: the run's folder-to-be; the checkpoint lies beside it.
        state: tensors, numbers and strings, in lists and dicts.
    """
    partial = _beside(folder, "partial-checkpoint")
    torch.save({"config": config, **state}, partial)
    os.replace(partial, _beside(folder, "checkpoint"))


def read_checkpoint(folder: Path, config: dict) -> dict | None:
    """Return the state that `write_checkpoint` kept of this very run, or None.

    Raises:
        LabError: it is of another run, or damaged.
    """
    path = _beside(folder, "checkpoint")
    if not path.exists():
        return None
    try:
        state = torch.load(path, weights_only=True)
        stored = state["config"]
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise LabError(f"{path} is damaged: delete it and run again.") from error
    _refuse_other(path, stored, config)
    return state


def write_run(
    folder: Path, config: dict, rows: list[dict], columns: Sequence[str], model: nn.Module
) -> None:
    """Write a run in one move, its weights in half precision, and drop its checkpoint.

    Args:
        rows: of metrics.csv, one per epoch, each with these columns.
    """
    with in_one_move(folder) as partial:
        write_json(partial / "config.json", config)
        with open(partial / "metrics.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        write_weights(partial / "weights.safetensors", model)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write a run that was trained elsewhere, in one move."""
    with in_one_move(folder) as partial:
        for name in RUN_FILES:
            (partial / name).write_bytes(files[name])


@contextmanager
def in_one_move(folder: Path) -> Iterator[Path]:
    """Yield an empty folder, which takes the run's place when the block ends; drop its checkpoint.

    A block that fails leaves nothing at the run's place.
    """
    partial = _beside(folder, "partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    os.replace(partial, folder)
    _beside(folder, "checkpoint").unlink(missing_ok=True)


def write_json(path: Path, content: dict) -> None:
    """Write an object as a person reads it."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def write_weights(path: Path, model: nn.Module) -> None:
    """Write a network's weights in half precision, as runs are stored and handed in."""
    state = {name: value.half().cpu() for name, value in model.state_dict().items()}
    save_file(state, path)


def read_config(folder: Path) -> dict:
    """Return the run's config.json, a JSON object."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LabError(f"{path} is missing: train it with `python -m rdlab sweep`.") from error
    except ValueError as error:
        raise LabError(f"{path} is not valid JSON ({error}): train this run again.") from error
    if not isinstance(config, dict):
        raise LabError(f"{path} is not a JSON object: train this run again.")
    return config


def read_metrics(folder: Path, columns: Sequence[str] = COLUMNS) -> list[dict[str, float]]:
    """Return the run's metrics.csv, one row per epoch, with these columns."""
    path = folder / "metrics.csv"
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [{key: float(row[key]) for key in columns} for row in csv.DictReader(file)]
        if not all(math.isfinite(value) for row in rows for value in row.values()):
            raise ValueError("it holds values that are not finite")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabError(f"{path} cannot be read ({error}): train this run again.") from error
    if not rows:
        raise LabError(f"{path} has no rows: train this run again.")
    return rows


def load_run(
    folder: Path,
    columns: Sequence[str] = COLUMNS,
    build: Callable[[dict], nn.Module] = build_model,
) -> Run:
    """Read a run back, its model in evaluation mode.

    Args:
        columns: of its metrics.csv.
        build: makes the untrained model from the config.

    Raises:
        LabError: a file is missing or damaged, or the weights do not fit the config.
    """
    config = read_config(folder)
    try:
        model = build(config)
        load_state(model, load_file(folder / "weights.safetensors"))
    except (OSError, SafetensorError, LabError) as error:
        raise LabError(f"{folder} cannot be used ({error}): train this run again.") from error
    return Run(config, read_metrics(folder, columns), model.eval().requires_grad_(False))


def load_sweep(out: Path) -> dict[float, Run]:
    """Return the runs of all six β, in order."""
    missing = [f"{beta:g}" for beta in BETAS if not run_folder(out, beta).is_dir()]
    if missing:
        raise LabError(
            f"{out} has no run for β = {', '.join(missing)}: train with `python -m rdlab sweep`."
        )
    return {beta: load_run(run_folder(out, beta)) for beta in BETAS}


def round_to_half(model: nn.Module) -> None:
    """Round the weights as storing them in half precision does."""
    with torch.no_grad():
        for value in model.parameters():
            value.copy_(value.half())
