"""The four runs of part 4, verified: loss and KL measured again from the submitted weights.

For each type the run with the lowest loss is judged, of those that report what their weights
give: a student's further runs never cost points.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

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
    read_last_row,
    read_text,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from autograder.sandbox.inside.wire import Peer

TYPES = ("ae", "vae", "linear", "deep")
ARCHITECTURE = re.compile(r"AE-arch=(ae|vae)\((\d{1,4})\)-lr=[^()/]+-ep=\d+")
GAUSSIAN_FOLDER = re.compile(r"gaussian-(linear|deep)")
SIGMA, LATENT_DIM, PLANE = 0.5, 32, 2
DATA = ("sample", "fashion-mnist")
SILENT = 0.01
"""Nats of KL below which a component is silent."""
CANDIDATES = 3
"""Runs of one type that are measured, those that report the lowest losses."""
LOSS_SHARE, ELBO_NATS = 0.01, 0.5
"""By how much a report may miss the measured value: a share of the loss of rounded images, whose
noise of one evaluation is 0.03 %, and nats of the ELBO, whose noise is 0.02."""


@dataclass(frozen=True)
class Run:
    """One run: what the submission reports and what its weights give on the held-back images."""

    name: str
    type: str
    reported_loss: float
    reported_parameters: int
    reported_active: int
    loss: float
    parameters: int
    kl: Tensor = field(repr=False)
    """Mean over the images of each component, in nats, shape (d,)."""

    def mismatches(self) -> list[str]:
        """Return what the report says differently from the weights, one phrase each."""
        bernoulli = self.type in ("ae", "vae")
        allowed = LOSS_SHARE * self.loss if bernoulli else ELBO_NATS
        found = []
        if not abs(self.reported_loss - self.loss) <= allowed:
            found.append(f"the test loss is {self.loss:.2f}, reported {self.reported_loss:.2f}")
        if self.reported_parameters != self.parameters:
            found.append(f"{self.parameters} parameters, reported {self.reported_parameters}")
        least, most = (int((self.kl >= share * SILENT).sum()) for share in (1.01, 0.99))
        if not least <= self.reported_active <= most:
            found.append(f"{least} active components, reported {self.reported_active}")
        return found


@dataclass(frozen=True)
class Foundations:
    """The judged run of each type that has a usable one, and what was wrong with the others.

    `class_mean_loss` is what one mean image per true class costs on the held-back images, in nats
    of Bernoulli pixels; `linear_optimum` the highest ELBO that any linear Gaussian VAE with this σ
    and number of latents can have on them.
    """

    runs: dict[str, Run]
    problems: list[str]
    class_mean_loss: float
    linear_optimum: float


def verify(submission: Path, mounted: str, peer: Peer, seed: int) -> Foundations:
    """Measure the best runs of each type again.

    Args:
        submission: the collected submission.
        mounted: where the worker sees it.
        peer: a trusted child of the worker.
        seed: of the noise in z.
    """
    usable: dict[str, list] = {kind: [] for kind in TYPES}
    troubles: dict[str, list[str]] = {kind: [] for kind in TYPES}
    for folder in EXPERIMENT.run_folders(submission):
        if (kind := _type_of(folder.name)) is None:
            continue
        try:
            usable[kind].append((_read(folder, kind), folder))
        except RunError as error:
            troubles[kind].append(f"{EXPERIMENT.folder}/{folder.name}: {error}")
    runs = {}
    for kind, found in usable.items():
        found.sort(key=lambda one: one[0]["reported_loss"])
        own = []
        for report, folder in found[:CANDIDATES]:
            try:
                own.append(_measure(report, folder, mounted, peer, seed))
            except RunError as error:
                troubles[kind].append(f"{EXPERIMENT.folder}/{folder.name}: {error}")
        if own:
            runs[kind] = min(own, key=lambda run: (bool(run.mismatches()), run.loss))
    return Foundations(runs, list(_problems(runs, troubles)), *references())


def _problems(runs: dict[str, Run], troubles: dict[str, list[str]]) -> Iterator[str]:
    for kind in TYPES:
        if kind in runs:
            continue
        if not troubles[kind]:
            name = f"AE-arch={kind}(…)-lr=…-ep=…" if kind in ("ae", "vae") else f"gaussian-{kind}"
            yield (
                f"{EXPERIMENT.folder}/{name} is missing: train it with `python -m rdlab "
                "foundations train` and submit again"
            )
        yield from troubles[kind]


def _type_of(name: str) -> str | None:
    match = ARCHITECTURE.fullmatch(name) or GAUSSIAN_FOLDER.fullmatch(name)
    return match and match[1]


def _read(folder: Path, kind: str) -> dict:
    """Return the config of a run, checked against its folder's name, and what it reports."""
    config = read_config(folder / "config.json")
    wanted: dict[str, object] = {"type": kind, "image_shape": [1, 28, 28]}
    if match := ARCHITECTURE.fullmatch(folder.name):
        wanted |= {"hidden": int(match[2]), "latent_dim": PLANE}
    else:
        wanted |= {"sigma": SIGMA, "latent_dim": LATENT_DIM}
    for key, value in wanted.items():
        if type(config.get(key)) is not type(value) or config[key] != value:
            raise RunError(f"config.json gives {key} = {shown(config, key)}, it must be {value}")
    if config.get("data") not in DATA:
        raise RunError(f"it was trained on {shown(config, 'data')}, the graded runs on {DATA}")
    if not (folder / "weights.safetensors").is_file():
        raise RunError("weights.safetensors is missing: train this run again")
    (loss,) = read_last_row(folder / "perf_metrics.csv", ("test_loss",))
    if not math.isfinite(loss):
        raise RunError("perf_metrics.csv does not end with a finite test_loss: train it again")
    return {"config": config, "type": kind, "reported_loss": loss, **_summary(folder)}


def _summary(folder: Path) -> dict[str, int]:
    try:
        summary = json.loads(read_text(folder / "summary.json"))
        numbers = {f"reported_{key}": summary[key] for key in ("parameters", "active")}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RunError("summary.json does not give parameters and active: train again") from error
    if not all(type(value) is int for value in numbers.values()):
        raise RunError("summary.json gives parameters or active that are no whole numbers")
    return numbers


def _measure(report: dict, folder: Path, mounted: str, peer: Peer, seed: int) -> Run:
    import torch

    config = report.pop("config")
    measure = partial(_numbers, folder.name, config, mounted, peer, seed)
    numbers = measured_once(EXPERIMENT.name, folder, seed, measure)
    kl = torch.tensor(numbers["kl"], dtype=torch.float64)
    return Run(folder.name, **report, **numbers | {"kl": kl})


def _numbers(name: str, config: dict, mounted: str, peer: Peer, seed: int) -> Numbers:
    """Return the numbers of a run that its weights give, by their names in `Run`."""
    found = measured(peer, mounted, name, config, held_back_images(), seed)
    mean_per_image(found["kl"])  # refuses what is not finite
    return {
        "loss": mean_per_image(found["loss"]),
        "parameters": found["parameters"],
        "kl": found["kl"].double().mean(0).tolist(),
    }


@cache
def references() -> tuple[float, float]:
    """Return the two numbers of `Foundations` that are the same for all students."""
    import torch

    x, labels = held_back_images().flatten(1).double().div(255).round(), held_back_labels()
    loss = 0.0
    for label in range(10):
        mean = x[labels == label].mean(0)
        loss += int((labels == label).sum()) * _binary_entropy(mean)
    level = torch.tensor(SIGMA**2, dtype=torch.float64)
    variances = held_back_variances()
    own = variances.where((variances > level) & (torch.arange(len(variances)) < LATENT_DIM), level)
    optimum = -0.5 * ((2 * math.pi * own).log() + variances / own).sum().item()
    return loss / len(x), optimum


def _binary_entropy(probabilities: Tensor) -> float:
    """Return Σ H(p) in nats: what images cost whose pixels are 1 with exactly these frequencies."""
    import torch

    both = torch.special.entr(probabilities) + torch.special.entr(1 - probabilities)
    return both.sum().item()


EXPERIMENT = Experiment(
    name="foundations",
    folder="runs-foundations",
    runs=(
        "AE-arch=ae(*)-lr=*-ep=*",
        "AE-arch=vae(*)-lr=*-ep=*",
        "gaussian-linear",
        "gaussian-deep",
    ),
    cpu_seconds=180,
    given=("rdlab.lab.errors", "rdlab.lab.models", "rdlab.lab.foundations.networks"),
    measure="measure_foundations:measure",
    verify=verify,
    files=("config.json", "perf_metrics.csv", "summary.json", "weights.safetensors"),
    prepare=references,
)
