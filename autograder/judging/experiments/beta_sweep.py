"""A submission's β sweep, verified: measured again from its weights, not believed."""

import csv
import gzip
import json
import math
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from autograder import ROOT
from autograder.sandbox.inside.wire import Peer, RemoteError, WireError

MAX_TEXT = 1 << 20
SHOWN = 200
"""Characters of a submission's own that a message may hold."""
DATA = ("sample", "fashion-mnist")


@dataclass(frozen=True)
class Run:
    """One β: what the submission reports and what its weights give on the held-back images."""

    name: str
    beta: float
    reported_rate: float
    reported_distortion: float
    rate: float
    distortion: float


@dataclass(frozen=True)
class Sweep:
    """All runs that could be measured, by ascending β, and what was wrong with the others.

    `variances` is the covariance spectrum of the held-back images, shape (n,).
    """

    runs: list[Run]
    problems: list[str]
    variances: Tensor = field(repr=False)


class RunError(Exception):
    """A run cannot be verified; the message says why and what to do."""


def verify(submission: Path, mounted: str, peer: Peer, seed: int) -> Sweep:
    """Measure every run of a submission again.

    Args:
        submission: the collected submission.
        mounted: where the worker sees it.
        peer: a trusted child of the worker.
        seed: of the noise in z.
    """
    runs, problems = [], []
    folders = sorted((submission / "runs").glob("*/"))
    for folder in folders:
        try:
            runs.append(_verify_run(folder, mounted, peer, seed))
        except RunError as error:
            problems.append(f"runs/{folder.name}: {error}")
    if not folders:
        problems.append("runs/ is missing: train the sweep with `make sweep` and submit again")
    return Sweep(sorted(runs, key=lambda run: run.beta), problems, held_back_variances())


def _verify_run(folder: Path, mounted: str, peer: Peer, seed: int) -> Run:
    config = _config(folder / "config.json")
    rate, distortion = _reported(folder / "metrics.csv")
    if not (folder / "weights.safetensors").is_file():
        raise RunError("weights.safetensors is missing: train this β again")
    try:
        found = peer.call("measure", mounted, folder.name, config, held_back_images(), seed)
    except RemoteError as error:
        what = error.message if error.kind == "LabError" else str(error)
        raise RunError(what[:SHOWN]) from error
    except WireError as error:
        raise RunError(f"it cannot be measured ({error}): train this β again") from error
    measured = _plain(found, "kl"), _plain(found, "squared_error")
    return Run(folder.name, float(config["beta"]), rate, distortion, *measured)


def _plain(found: dict, name: str) -> float:
    """Mean over images of what was measured, summed over everything else."""
    value = found[name].double().flatten(1).sum(1) if found[name].ndim > 1 else found[name].double()
    mean = value.mean().item()
    if not math.isfinite(mean):
        raise RunError("its weights give results that are not finite: train this β again")
    return mean


def _text(path: Path) -> str:
    if not path.is_file():
        raise RunError(f"{path.name} is missing: train this β again")
    if path.stat().st_size > MAX_TEXT:
        raise RunError(f"{path.name} is larger than {MAX_TEXT >> 20} MiB: train this β again")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RunError(f"{path.name} is not UTF-8 text: train this β again") from error


def _config(path: Path) -> dict:
    try:
        config = json.loads(_text(path))
        beta = float(config["beta"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise RunError("config.json does not give a beta: train this β again") from error
    if not (math.isfinite(beta) and beta > 0):
        raise RunError(f"config.json gives beta = {beta}: it must be a positive number")
    if config.get("image_shape", [1, 28, 28]) != [1, 28, 28]:
        shape = _shown(config, "image_shape")
        raise RunError(f"its images have the shape {shape}, the graded ones not")
    if config.get("data") not in DATA:
        raise RunError(f"it was trained on {_shown(config, 'data')}, the graded sweep on {DATA}")
    return config


def _shown(config: dict, key: str) -> str:
    try:
        return ascii(config.get(key))[:SHOWN]
    except RecursionError:
        return "what is nested too deeply"


def _reported(path: Path) -> tuple[float, float]:
    """Rate and distortion of the last epoch as metrics.csv gives them."""
    try:
        rows = list(csv.DictReader(_text(path).splitlines()))
        return float(rows[-1]["test_rate"]), float(rows[-1]["test_distortion"])
    except (ValueError, TypeError, KeyError, IndexError, csv.Error) as error:
        raise RunError("metrics.csv does not end with test_rate and test_distortion") from error


@cache
def held_back_images() -> Tensor:
    """The official test images, 8 bit, shape (10000, 1, 28, 28)."""
    with gzip.open(ROOT / "data" / "t10k-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16)
    return torch.from_numpy(pixels.copy()).view(-1, 1, 28, 28)


@cache
def held_back_variances() -> Tensor:
    x = held_back_images().flatten(1).double() / 255
    centred = x - x.mean(0)
    return torch.linalg.eigvalsh(centred.T @ centred / len(x)).flip(0).clamp(min=0)
