"""The grid of two-layer hierarchies, verified: rates, distortion and bounds measured again."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import ROOT
from autograder.experiments import Experiment
from autograder.judging.measurements import Numbers
from autograder.judging.run_folders import (
    RunError,
    held_back_images,
    held_back_labels,
    held_back_variances,
    mean_per_image,
    measured,
    measured_once,
    read_config,
    read_text,
    shown,
)

if TYPE_CHECKING:
    from torch import Tensor

    from autograder.sandbox.inside.wire import Peer

FOLDER = "runs-hierarchy"
PRICES = (0.3, 1.0, 3.0)
PAIRS = tuple((beta_2, beta_1) for beta_2 in PRICES for beta_1 in PRICES)
DATA = ("sample", "fashion-mnist")
CLASSIFIERS = ("logistic", "linear_svm", "rbf_svm", "knn")
REPORTED = (
    "rate_2",
    "rate_1",
    "distortion",
    "psnr",
    "reconstruction_accuracy",
    *(f"{name}_samples" for name in CLASSIFIERS),
)
INFORMATION_IMAGES = 2000
"""Held-back images whose posteriors form the mixture: more of them tighten the bound by little."""
FIXED = {"model": "hvae", "top_family": "gaussian", "likelihood": "gaussian"}


@dataclass(frozen=True)
class Run:
    """One pair of prices: what is reported, and what its weights give on the held-back images.

    Args:
        reported: numbers of evaluation.csv by column, those of REPORTED.
        information, information_error: I(z₂; label) by the mixture, in nats, and its standard
            error.
    """

    name: str
    beta_2: float
    beta_1: float
    top_dim: int
    bottom_dim: int
    rate_2: float
    rate_1: float
    distortion: float
    psnr: float
    reconstruction_accuracy: float
    information: float
    information_error: float
    reported: dict[str, float] = field(repr=False)


@dataclass(frozen=True)
class Grid:
    """All runs that could be measured, by ascending prices, and what was wrong with the others.

    `variances` is the covariance spectrum of the held-back images, shape (n,); `label_entropy`
    that of their labels, in nats.
    """

    runs: list[Run]
    problems: list[str]
    variances: Tensor = field(repr=False)
    label_entropy: float


def run_name(beta_2: float, beta_1: float) -> str:
    """Return the name of a run's folder, for example beta2-0.3_beta1-3."""
    return f"beta2-{beta_2:g}_beta1-{beta_1:g}"


def verify(submission: Path, mounted: str, peer: Peer, seed: int) -> Grid:
    """Measure the run of each pair of prices again.

    Args:
        submission: the collected submission.
        mounted: where the worker sees it.
        peer: a trusted child of the worker.
        seed: of the noise in z₂ and z₁.
    """
    runs, problems = [], []
    folders = EXPERIMENT.run_folders(submission)
    if not folders:
        problems.append(f"{FOLDER}/ is missing: train with `python -m rdlab hierarchy train`")
    try:
        reported = _reported(submission / FOLDER / "evaluation.csv") if folders else {}
    except RunError as error:
        return Grid([], [f"{FOLDER}: {error}"], held_back_variances(), label_entropy())
    for folder in folders:
        try:
            runs.append(_verify_run(folder, reported, mounted, peer, seed))
        except RunError as error:
            problems.append(f"{FOLDER}/{folder.name}: {error}")
    runs.sort(key=lambda run: (run.beta_2, run.beta_1))
    return Grid(runs, problems, held_back_variances(), label_entropy())


def _verify_run(folder: Path, reported: dict, mounted: str, peer: Peer, seed: int) -> Run:
    config, prices = _config(folder / "config.json")
    if folder.name not in reported:
        raise RunError("evaluation.csv has no row of it: run `python -m rdlab hierarchy evaluate`")
    if not (folder / "weights.safetensors").is_file():
        raise RunError("weights.safetensors is missing: train this run again")
    measure = partial(_measure, f"{FOLDER}/{folder.name}", config, mounted, peer, seed)
    numbers = measured_once(EXPERIMENT.name, folder, seed, measure)
    dims = config["top_dim"], config["bottom_dim"]
    return Run(folder.name, *prices, *dims, **numbers, reported=reported[folder.name])


def _measure(place: str, config: dict, mounted: str, peer: Peer, seed: int) -> Numbers:
    """Return the numbers of a run that its weights give, by their names in `Run`."""
    images = held_back_images()
    found = measured(peer, mounted, place, config, images, seed, classifier_weights())
    error = mean_per_image(found["squared_error_of_means"]) / images[0].numel()
    hits = found["classes"] == held_back_labels().long()
    information = mixture_information(found["z_2"], found["mean_2"], found["log_var_2"])
    return {
        "rate_2": mean_per_image(found["kl_2"]),
        "rate_1": mean_per_image(found["kl_1"]),
        "distortion": mean_per_image(found["squared_error"]),
        "psnr": -10 * math.log10(error) if error > 0 else math.inf,
        "reconstruction_accuracy": hits.double().mean().item(),
        "information": information[0],
        "information_error": information[1],
    }


def _reported(path: Path) -> dict[str, dict[str, float]]:
    """Return the numbers of evaluation.csv by run."""
    if not path.is_file():
        raise RunError("evaluation.csv is missing: run `python -m rdlab hierarchy evaluate`")
    try:
        rows = list(csv.DictReader(read_text(path).splitlines()))
        return {row["run"]: {key: float(row[key]) for key in REPORTED} for row in rows}
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        raise RunError(
            "evaluation.csv cannot be read: run `python -m rdlab hierarchy evaluate` again"
        ) from error


def _config(path: Path) -> tuple[dict, tuple[float, float]]:
    """Return a run's config and its two prices."""
    config = read_config(path)
    try:
        prices = float(config["beta_2"]), float(config["beta_1"])
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise RunError("config.json does not give beta_2 and beta_1: train it again") from error
    if path.parent.name != run_name(*prices):
        raise RunError("config.json gives other prices than the folder's name")
    for key, value in FIXED.items():
        if config.get(key) != value:
            raise RunError(f"its {key} is {shown(config, key)}, in the graded grid {value}")
    if config.get("network") == "linear":
        raise RunError("its networks are linear, in the graded grid dense or convolutional")
    if config.get("image_shape", [1, 28, 28]) != [1, 28, 28]:
        raise RunError(f"its images have the shape {shown(config, 'image_shape')}")
    if config.get("data") not in DATA:
        raise RunError(f"it was trained on {shown(config, 'data')}, the graded grid on {DATA}")
    return config, prices


def mixture_information(z: Tensor, mean: Tensor, log_var: Tensor) -> tuple[float, float]:
    """Return I(z₂; label) of the first held-back images, in nats, with its standard error.

    The densities are mixtures of the posteriors of these images.

    Raises:
        RunError: it is not finite.
    """
    n = INFORMATION_IMAGES
    z, mean, log_var = (part[:n].double() for part in (z, mean, log_var))
    labels = held_back_labels()[:n].long()
    precision = (-log_var).exp()
    constant = (mean.square() * precision + log_var).sum(1)
    logs = z @ (mean * precision).T - 0.5 * (z.square() @ precision.T + constant)
    same = labels.unsqueeze(1) == labels
    own = logs.masked_fill(~same, -math.inf).logsumexp(1) - same.sum(1).double().log()
    gaps = own - logs.logsumexp(1) + math.log(len(z))
    information, error = gaps.mean().item(), gaps.std().item() / math.sqrt(len(z))
    if not math.isfinite(information):
        raise RunError("its weights give results that are not finite: train this run again")
    return information, error


@cache
def label_entropy() -> float:
    """Return the entropy of the held-back labels, in nats."""
    import torch

    counts = held_back_labels().long().bincount().double()
    return torch.special.entr(counts / counts.sum()).sum().item()


@cache
def classifier_weights() -> dict[str, Tensor]:
    """Return the course's classifier, which says what a reconstruction shows."""
    from safetensors.torch import load_file

    return load_file(ROOT / "data" / "classifier.safetensors")


def _prepare() -> None:
    """Load and compute, once for all students, what is the same for them."""
    held_back_variances()
    label_entropy()
    classifier_weights()


EXPERIMENT = Experiment(
    name="hierarchy",
    folder=FOLDER,
    runs=tuple(run_name(*pair) for pair in PAIRS),
    top_files=("evaluation.csv",),
    cpu_seconds=300,
    given=(
        "rdlab.lab.errors",
        "rdlab.lab.models",
        "rdlab.lab.classifier",
        "rdlab.lab.data",
        "rdlab.lab.torchvision_compat",
        "rdlab.lab.hierarchy.networks",
    ),
    measure="measure_hierarchy:measure",
    verify=verify,
    prepare=_prepare,
)
