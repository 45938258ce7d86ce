"""The β sweep, verified: R and D measured again from the submitted weights, not believed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.experiments import Experiment
from autograder.judging.run_folders import (
    RunError,
    held_back_images,
    held_back_variances,
    mean_per_image,
    measured,
    read_config,
    read_last_row,
    shown,
)

if TYPE_CHECKING:
    from torch import Tensor

    from autograder.sandbox.inside.wire import Peer

BETAS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
DATA = ("sample", "fashion-mnist")
SAME_DIRECTIONS = 0.9995
"""A cosine that only copies exceed: noise of 3 % of the weights. Runs of one seed have 0.95 after a
single epoch, on the mean of their matrices, and 0.987 at most in one of them after all."""


@dataclass(frozen=True)
class Run:
    """One β: what the submission reports and what its weights give on the held-back images."""

    name: str
    beta: float
    reported_rate: float
    reported_distortion: float
    rate: float
    distortion: float
    directions: Tensor = field(repr=False)
    """Of its weight matrices, a unit vector each; see `measure_beta_sweep.directions`."""

    def is_copy_of(self, other: Run) -> bool:
        """Return whether two weight matrices are shared, up to a factor, rounding or small noise.

        Not one alone, which may have stayed where it began in both; not all, or a copy could hide.
        """
        if (self.rate, self.distortion) == (other.rate, other.distortion):
            return True
        if self.directions.shape != other.directions.shape:
            return False
        cosines = (self.directions * other.directions).sum(-1).flatten()
        shared = (cosines > SAME_DIRECTIONS).sum().item()
        return shared >= min(2, len(cosines))


@dataclass(frozen=True)
class Sweep:
    """All runs that could be measured, by ascending β, and what was wrong with the others.

    `variances` is the covariance spectrum of the held-back images, shape (n,); `betas` are those
    that are asked for.
    """

    runs: list[Run]
    problems: list[str]
    variances: Tensor = field(repr=False)
    betas: tuple[float, ...] = BETAS

    @property
    def costs(self) -> dict[str, float]:
        """D + βR by β, in squared error per image, as measured."""
        found = {run.beta: run.distortion + run.beta * run.rate for run in self.runs}
        return {
            f"D + βR, β = {beta:g}": round(cost, 4)
            for beta, cost in found.items()
            if math.isfinite(cost)
        }


def verify(submission: Path, mounted: str, peer: Peer, seed: int) -> Sweep:
    """Measure the run of each β again.

    Args:
        submission: the collected submission.
        mounted: where the worker sees it.
        peer: a trusted child of the worker.
        seed: of the noise in z.
    """
    runs, problems = [], []
    folders = EXPERIMENT.run_folders(submission)
    for folder in folders:
        try:
            runs.append(_verify_run(folder, mounted, peer, seed))
        except RunError as error:
            problems.append(f"runs/{folder.name}: {error}")
    if not folders:
        problems.append("runs/ is missing: train the sweep with `make sweep` and submit again")
    return Sweep(sorted(runs, key=lambda run: run.beta), problems, held_back_variances())


def _verify_run(folder: Path, mounted: str, peer: Peer, seed: int) -> Run:
    config, beta = _config(folder / "config.json")
    columns = ("test_rate", "test_distortion")
    reported_rate, reported_distortion = read_last_row(folder / "metrics.csv", columns)
    if not (folder / "weights.safetensors").is_file():
        raise RunError("weights.safetensors is missing: train this β again")
    found = measured(peer, mounted, folder.name, config, held_back_images(), seed)
    rate, distortion = mean_per_image(found["kl"]), mean_per_image(found["squared_error"])
    reported = reported_rate, reported_distortion
    return Run(folder.name, beta, *reported, rate, distortion, found["directions"])


def _config(path: Path) -> tuple[dict, float]:
    """Return a run's config and its β."""
    config = read_config(path)
    try:
        beta = float(config["beta"])
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise RunError("config.json does not give a beta: train this β again") from error
    if not (math.isfinite(beta) and beta > 0):
        raise RunError(f"config.json gives beta = {beta}: it must be a positive number")
    if path.parent.name != run_name(beta):
        raise RunError(f"config.json gives beta = {beta:g}, the folder's name another")
    if config.get("image_shape", [1, 28, 28]) != [1, 28, 28]:
        shape = shown(config, "image_shape")
        raise RunError(f"its images have the shape {shape}, the graded ones not")
    if config.get("data") not in DATA:
        raise RunError(f"it was trained on {shown(config, 'data')}, the graded sweep on {DATA}")
    return config, beta


def run_name(beta: float) -> str:
    """Return the name of a run's folder, for example beta-0.1."""
    return f"beta-{beta:g}"


EXPERIMENT = Experiment(
    name="beta_sweep",
    folder="runs",
    runs=tuple(run_name(beta) for beta in BETAS),
    cpu_seconds=240,
    given=("rdlab.lab.errors", "rdlab.lab.models"),
    measure="measure_beta_sweep:measure",
    verify=verify,
    prepare=held_back_variances,
)
