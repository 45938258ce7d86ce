"""What experiments share: run folders of a submission are read here, and the held-back data.

Loads torch only when data or a measurement is asked for.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder import ROOT
from autograder.judging.measurements import Numbers, measurements

if TYPE_CHECKING:
    from torch import Tensor

    from autograder.sandbox.inside.wire import Peer

MAX_TEXT = 1 << 20
SHOWN = 200
"""Characters of a submission's own that a message may hold."""


class RunError(Exception):
    """A run cannot be verified; the message says why and what to do."""


def read_config(path: Path) -> dict:
    """Return a run's config.json.

    Raises:
        RunError: it is missing, too large, or no JSON object.
    """
    try:
        config = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path.name} is not valid JSON: train this run again") from error
    if not isinstance(config, dict):
        raise RunError(f"{path.name} is not a JSON object: train this run again")
    return config


def read_last_row(path: Path, columns: tuple[str, ...]) -> tuple[float, ...]:
    """Return columns of a CSV file's last row, such as what metrics.csv reports at the end.

    Raises:
        RunError: the file is missing, too large, or does not end with these numbers.
    """
    try:
        rows = list(csv.DictReader(read_text(path).splitlines()))
        return tuple(float(rows[-1][column]) for column in columns)
    except (ValueError, TypeError, KeyError, IndexError, csv.Error) as error:
        raise RunError(f"{path.name} does not end with {' and '.join(columns)}") from error


def read_text(path: Path) -> str:
    """Return the text of a run's file, of at most a mebibyte.

    Raises:
        RunError: it is missing, too large, or not UTF-8.
    """
    if not path.is_file():
        raise RunError(f"{path.name} is missing: train this run again")
    if path.stat().st_size > MAX_TEXT:
        raise RunError(f"{path.name} is larger than {MAX_TEXT >> 20} MiB: train this run again")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RunError(f"{path.name} is not UTF-8 text: train this run again") from error


def shown(config: dict, key: str) -> str:
    """Return a value of a config as a message may hold it."""
    try:
        return ascii(config.get(key))[:SHOWN]
    except RecursionError:
        return "what is nested too deeply"


def measured(peer: Peer, *arguments: object) -> Any:
    """Return what the trusted child's `measure` gives for these arguments.

    Raises:
        RunError: it refuses the run, or cannot measure it.
    """
    from autograder.sandbox.inside.wire import RemoteError, WireError

    try:
        return peer.call("measure", *arguments)
    except RemoteError as error:
        what = error.message if error.kind == "LabError" else str(error)
        raise RunError(what[:SHOWN]) from error
    except WireError as error:
        raise RunError(f"it cannot be measured ({error}): train this run again") from error


def measured_once(experiment: str, folder: Path, seed: int, measure: Callable[[], Numbers]) -> Any:
    """Return what `measure` gives for a run folder, or gave for one of equal config and weights."""
    files = folder / "config.json", folder / "weights.safetensors"
    return measurements.of(experiment, seed, files, measure)


def mean_per_image(values: Tensor) -> float:
    """Return the mean over images of values, summed over everything else: shape (N, ...).

    Raises:
        RunError: it is not finite.
    """
    value = values.double().flatten(1).sum(1) if values.ndim > 1 else values.double()
    mean = value.mean().item()
    if not math.isfinite(mean):
        raise RunError("its weights give results that are not finite: train this run again")
    return mean


@cache
def held_back_images() -> Tensor:
    """Return the official test images, 8 bit, shape (10000, 1, 28, 28)."""
    return _idx("t10k-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28)


@cache
def held_back_labels() -> Tensor:
    """Return the classes of the official test images, 0 to 9, 8 bit, shape (10000,)."""
    return _idx("t10k-labels-idx1-ubyte.gz", 8)


def _idx(name: str, header: int) -> Tensor:
    """Return the bytes after the header of a file in the format of MNIST."""
    import numpy as np
    import torch

    with gzip.open(ROOT / "data" / name) as file:
        return torch.from_numpy(np.frombuffer(file.read(), dtype=np.uint8, offset=header).copy())


@cache
def held_back_variances() -> Tensor:
    """Return the covariance spectrum of the held-back images, descending, shape (784,)."""
    import torch

    x = held_back_images().flatten(1).double() / 255
    centred = x - x.mean(0)
    return torch.linalg.eigvalsh(centred.T @ centred / len(x)).flip(0).clamp(min=0)
