"""The walk and the chain, verified: decoded and run again with the submitted weights."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import ROOT
from autograder.experiments import Experiment
from autograder.judging.run_folders import (
    RunError,
    held_back_images,
    measured,
    read_config,
    read_text,
    shown,
)

if TYPE_CHECKING:
    from torch import Tensor

    from autograder.sandbox.inside.wire import Peer

RUN = ("runs", "beta-2")
BETA = 2.0
SIGMA = 1.0  # β = 2σ²
STEPS = (0.1, 0.3)
"""Steps of the chains that are run again, for one image."""
DATA = ("sample", "fashion-mnist")
CLASSES = 10
CLASSIFIER = ROOT / "data" / "classifier.safetensors"


@dataclass(frozen=True)
class Geometry:
    """A submitted walk and chain, and what the submitted weights give for them.

    `waypoints` (10, d) are in the order of the walk, `places` (n, d) are those of the walk, and
    `classes` (n,) what the course's classifier takes their pictures for. `reported` and `found`
    are the acceptances at `STEPS`. What could not be had is empty, and `problems` says why.
    """

    problems: list[str]
    waypoints: Tensor | None = field(default=None, repr=False)
    places: Tensor | None = field(default=None, repr=False)
    classes: Tensor | None = field(default=None, repr=False)
    reported: tuple[float, ...] = ()
    found: tuple[float, ...] = ()


def verify(submission: Path, mounted: str, peer: Peer, seed: int) -> Geometry:
    """Decode the walk and run the chains again.

    Args:
        submission: the collected submission.
        mounted: where the worker sees it.
        peer: a trusted child of the worker.
        seed: of the chains.
    """
    try:
        config = _config(submission.joinpath(*RUN))
        reported = read_acceptances(submission / EXPERIMENT.folder / "pcn.csv")
        if not (submission / EXPERIMENT.folder / "walk.safetensors").is_file():
            raise RunError("walk.safetensors is missing: run `python -m rdlab geometry` again")
        images = held_back_images()[:1]
        arguments = config, _classifier(), images, list(STEPS), SIGMA, seed
        found = measured(peer, mounted, *arguments)
        if not all(found[key].isfinite().all() for key in ("waypoints", "places")):
            raise RunError("walk.safetensors holds values that are not finite: make it again")
    except RunError as error:
        return Geometry([f"{EXPERIMENT.folder}: {error}"])
    rates = tuple(found["acceptances"].tolist())
    return Geometry([], found["waypoints"], found["places"], found["classes"], reported, rates)


def _config(folder: Path) -> dict:
    """Return the config of the run that the walk leads through."""
    name = "/".join(RUN)
    if not folder.is_dir():
        raise RunError(f"{name} is missing: train the sweep and submit it, too")
    config = read_config(folder / "config.json")
    if config.get("beta") != BETA:
        raise RunError(f"{name} has beta = {shown(config, 'beta')}, not 2")
    if config.get("image_shape", [1, 28, 28]) != [1, 28, 28]:
        raise RunError(f"the images of {name} have the shape {shown(config, 'image_shape')}")
    if config.get("data") not in DATA:
        raise RunError(f"{name} was trained on {shown(config, 'data')}, not on {DATA}")
    return config


def read_acceptances(path: Path) -> tuple[float, ...]:
    """Return the acceptances that pcn.csv reports for one image at each of `STEPS`.

    Raises:
        RunError: the file is missing or lacks one of them.
    """
    try:
        rows = list(csv.DictReader(read_text(path).splitlines()))
        rates = {
            float(row["step"]): float(row["acceptance"])
            for row in rows
            if float(row["images"]) == 1
        }
        reported = tuple(rates[step] for step in STEPS)
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        raise RunError(f"{path.name} has no acceptance of one image at {STEPS}") from error
    if not all(map(math.isfinite, reported)):
        raise RunError(f"{path.name} has an acceptance that is not finite")
    return reported


def _classifier() -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return load_file(CLASSIFIER)


EXPERIMENT = Experiment(
    name="geometry",
    folder="runs-geometry",
    runs=(),
    cpu_seconds=90,
    given=("rdlab.lab.classifier", "rdlab.lab.errors", "rdlab.lab.models"),
    measure="measure_geometry:measure",
    verify=verify,
    top_files=("walk.safetensors", "pcn.csv"),
    prepare=held_back_images,
)
