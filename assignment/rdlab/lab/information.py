"""The measurements of part 3 on a finished sweep, with your functions. Given code.

What is measured is kept in mi_kept.json as soon as it is done: stopped at any moment, the same
command goes on. After a change of your code or of the weights it is measured again.
"""

import csv
import hashlib
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from rdlab import mutual_information, probe
from rdlab.gaussian import reparameterize
from rdlab.lab.data import Dataset, load_images
from rdlab.lab.figures import STYLE, encode, plt, save
from rdlab.lab.information_figures import plot_information, plot_training, print_table
from rdlab.lab.parallel import cores, side_by_side
from rdlab.lab.runs import Run, load_sweep, run_folder
from rdlab.lab.train_runs import chosen_device
from rdlab.sandwich import sandwich_bounds

OPEN_BRACKET = 0.1  # relative width
UNSTEADY = 0.05  # relative
NEAR_CEILING = 0.9
READINGS = {"mine": "MINE", "nwj": "NWJ", "info_nce": "InfoNCE", "smile": "SMILE"}
KEPT = "mi_kept.json"
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Budget:
    """How much is drawn and trained for one β."""

    draws: int = 10
    """Of fresh noise for each image: with one, critic and probe learn the noise by heart."""
    steps: int = 1000
    label_steps: int = 500
    probe_steps: int = 500
    pixel_steps: int = 300
    """On pixels: there is no fresh noise, so longer training learns the images by heart."""
    nce_batch: int = 256
    """InfoNCE scores the square of this many pairs in each step."""
    nce_steps: int = 500
    sandwich_images: int = 4000
    """At most: its tables have the square of this many entries."""
    block: int = 50
    """Steps averaged to one point of a training curve."""


BUDGET = Budget()


class Encoded(NamedTuple):
    """What is measured of one run: the codes of all images, with their labels."""

    train: tuple[Tensor, Tensor]
    """Mean and log-variance of the training images, each (N, d)."""
    train_labels: Tensor
    test: tuple[Tensor, Tensor]
    test_labels: Tensor
    classes: int
    device: torch.device


class Found(NamedTuple):
    """What one measurement gives: columns of mi.csv, training curves, doubts about them."""

    columns: dict[str, float]
    curves: dict[str, list[float]]
    doubts: list[str]


def measure_information(
    runs: Path,
    out: Path,
    data_folder: Path | None = None,
    jobs: int | None = None,
    device: str | None = None,
) -> int:
    """Write mi.csv, mi_training.csv and their figures, one row and one point per β.

    Args:
        runs: folder of a finished sweep.
        out: folder to write to.
        data_folder: see `load_images`.
        jobs: how many measurements at once; None is one per processor core, or one on an
            accelerator.
        device: where critics are trained; None is the accelerator if there is one.
    """
    sweep = load_sweep(runs)
    chosen = chosen_device(device)
    data = load_images(next(iter(sweep.values())).config["data"], data_folder)
    out.mkdir(parents=True, exist_ok=True)
    kept = Kept(out / KEPT, {beta: _digest(run_folder(runs, beta)) for beta in sweep})
    shared = _pixel_information(kept, data, BUDGET)
    jobs = jobs or (cores() if chosen.type == "cpu" else 1)
    _measure_missing(kept, sweep, data, chosen, jobs)
    rows = [_row(run, shared, kept.of(beta)) for beta, run in sweep.items()]
    curves = [row for beta in sweep for row in _curves(beta, kept.of(beta).values(), BUDGET.block)]
    _write_table(out / "mi.csv", rows)
    print_table(rows)
    print(f"wrote {out / 'mi.csv'}")
    with plt.rc_context(STYLE):
        save(plot_information(rows), out / "mutual_information.png")
        if curves:
            _write_table(out / "mi_training.csv", sorted(curves, key=itemgetter("beta")))
            print(f"wrote {out / 'mi_training.csv'}")
            save(plot_training(curves), out / "mi_training.png")
        else:
            print("no training curves: your task 3.7 appends nothing to `history`.")
    return 0


def load_information(runs: Path, out: Path, data_folder: Path | None = None) -> list[dict]:
    """Return the rows of mi.csv, one per β; measure first what is missing or of another sweep.

    Args: see `measure_information`.
    """
    rates = [run.metrics[-1]["test_rate"] for run in load_sweep(runs).values()]
    rows = _read_table(out / "mi.csv")
    if [row["rate"] for row in rows] != rates or "pixel_probe" not in rows[0]:
        measure_information(runs, out, data_folder)
    return _read_table(out / "mi.csv")


# What is kept


class Kept:
    """Finished measurements, in a file that is written again with each of them.

    Args:
        path: of the file. What it holds of other weights or of other code is not looked at.
        digests: of each β, what its measurements depend on.
    """

    def __init__(self, path: Path, digests: dict[float, str]):
        self.path, self.digests = path, digests
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            found = {key: Found(*value) for key, value in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            found = {}  # it only saves time
        current = tuple(digests.values())
        self.found = {key: value for key, value in found.items() if key.startswith(current)}

    def of(self, beta: float) -> dict[str, Found]:
        """Return the measurements of one β by name."""
        start = f"{self.digests[beta]} "
        return {
            key.removeprefix(start): value
            for key, value in self.found.items()
            if key.startswith(start)
        }

    def add(self, beta: float, name: str, found: Found) -> None:
        """Keep one more."""
        self.found[f"{self.digests[beta]} {name}"] = found
        _write_whole(self.path, json.dumps(self.found))


def _digest(folder: Path) -> str:
    """Return a digest of all that a run's measurements depend on: config, weights, code, budget."""
    digest = hashlib.sha256(repr(BUDGET).encode())
    run = [folder / "config.json", folder / "weights.safetensors"]
    for path in [*run, *sorted(PACKAGE.rglob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="")
    os.replace(partial, path)


def _read_table(path: Path) -> list[dict]:
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        {key: cell if key == "doubts" else float(cell) for key, cell in row.items()} for row in rows
    ]


def _write_table(path: Path, rows: list[dict]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with open(partial, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    os.replace(partial, path)


# What is measured


def _measure_missing(
    kept: Kept, sweep: dict[float, Run], data: Dataset, device: torch.device, jobs: int
) -> None:
    """Measure what is not kept yet, the longest first, and keep each as it comes."""
    calls = []
    for beta, run in sweep.items():
        missing = [name for name in MEASUREMENTS if name not in kept.of(beta)]
        if missing:
            encoded = encode_run(run, data, device)
            calls += [(beta, name, encoded, BUDGET) for name in missing]
    calls.sort(key=lambda call: list(MEASUREMENTS).index(call[1]))
    total = len(sweep) * len(MEASUREMENTS)
    with tqdm(
        total=total, initial=total - len(calls), desc="mutual information", unit="estimate"
    ) as bar:
        for beta, name, found in side_by_side(measure, calls, jobs):
            kept.add(beta, name, found)
            bar.set_postfix_str(f"β = {beta:g}: {name}", refresh=False)
            bar.update()


def encode_run(run: Run, data: Dataset, device: torch.device) -> Encoded:
    """Encode all images of a run."""
    train, test = (encode(run.model, images) for images in (data.train_images, data.test_images))
    return Encoded(train, data.train_labels, test, data.test_labels, len(data.classes), device)


def measure(beta: float, name: str, encoded: Encoded, budget: Budget) -> tuple[float, str, Found]:
    """Make one of the MEASUREMENTS; return it with β and its name."""
    torch.manual_seed(0)
    try:
        return beta, name, MEASUREMENTS[name](encoded, budget)
    except RuntimeError:
        if encoded.device.type == "cpu":
            raise
    cpu = encoded._replace(device=torch.device("cpu"))  # not all code is written for another device
    return beta, name, MEASUREMENTS[name](cpu, budget)


def _pairs(encoded: Encoded, draws: int) -> tuple[Tensor, Tensor]:
    """Return pairs (x, z) of the test images, on the device.

    x reaches z only through mean and log-variance, so the critics see these in its place.
    """
    x = torch.cat(encoded.test, dim=1).repeat(draws, 1)
    return (x - x.mean(0)).to(encoded.device), _draw(encoded.test, draws).to(encoded.device)


def _draw(code: tuple[Tensor, Tensor], draws: int) -> Tensor:
    """Return samples of q(z|x): all images once, then all images again, …, (draws · N, d)."""
    means, log_vars = (part.repeat(draws, 1) for part in code)
    return reparameterize(means, log_vars, torch.randn_like(means))


def _mine_and_smile(encoded: Encoded, budget: Budget) -> Found:
    """Measure MINE and SMILE, from one critic: it is trained once, where that can be seen.

    If the last scores that your estimate gave to your dv_bound are those that it reads, as its
    value shows, SMILE is read from the same scores. Else its estimate trains a critic again.
    """
    x, z = _pairs(encoded, budget.draws)
    history: list[float] = []
    last: list = []
    bound_of = mutual_information.dv_bound

    def watched(joint_scores: Tensor, marginal_scores: Tensor) -> Tensor:
        bound = bound_of(joint_scores, marginal_scores)
        last[:] = joint_scores, marginal_scores, bound
        return bound

    estimate = mutual_information.estimate_mutual_information
    with patch.object(mutual_information, "dv_bound", watched):
        mine = float(estimate(x, z, estimator="mine", steps=budget.steps, history=history))
    if last and float(last[2]) == mine:
        smile = float(mutual_information.smile_bound(last[0], last[1]))
    else:
        smile = float(estimate(x, z, estimator="smile", steps=budget.steps))
    return Found({"mine": mine, "smile": smile}, {"mine": history}, unsteadiness(history))


def _nwj(encoded: Encoded, budget: Budget) -> Found:
    history: list[float] = []
    value = mutual_information.estimate_mutual_information(
        *_pairs(encoded, budget.draws), estimator="nwj", steps=budget.steps, history=history
    )
    return Found({"nwj": float(value)}, {"nwj": history}, [])


def _info_nce(encoded: Encoded, budget: Budget) -> Found:
    history: list[float] = []
    value = mutual_information.estimate_mutual_information(
        *_pairs(encoded, budget.draws),
        estimator="info_nce",
        batch_size=budget.nce_batch,
        steps=budget.nce_steps,
        history=history,
    )
    ceiling = math.log(budget.nce_batch)
    near = value > NEAR_CEILING * ceiling
    doubt = f"InfoNCE is near its ceiling ln {budget.nce_batch} = {ceiling:.2f}"
    return Found({"info_nce": float(value)}, {"info_nce": history}, [doubt] if near else [])


def _sandwich(encoded: Encoded, budget: Budget) -> Found:
    """Measure the sandwich on as many images as there are, at most the budget's."""
    images = min(budget.sandwich_images, len(encoded.test[0]))
    code = encoded.test[0][:images], encoded.test[1][:images]
    lower, upper = map(float, sandwich_bounds(_draw(code, 1), *code))
    columns = {"images": images, "sandwich_lower": lower, "sandwich_upper": upper}
    return Found(columns, {}, [])


def _probe(encoded: Encoded, budget: Budget) -> Found:
    draws = budget.draws
    trained = probe.train_probe(
        _draw(encoded.train, draws),
        encoded.train_labels.repeat(draws),
        classes=encoded.classes,
        steps=budget.probe_steps,
    )
    with torch.no_grad():
        logits = trained(_draw(encoded.test, draws))
    labels = encoded.test_labels.repeat(draws)
    columns = {
        "label_probe": float(probe.label_information(logits, labels)),
        "label_accuracy": (logits.argmax(1) == labels).float().mean().item(),
    }
    return Found(columns, {}, [])


def _label_mine(encoded: Encoded, budget: Budget) -> Found:
    one_hot = F.one_hot(encoded.test_labels.repeat(budget.draws), encoded.classes).float()
    z = _draw(encoded.test, budget.draws)
    value = mutual_information.estimate_mutual_information(
        one_hot.to(encoded.device), z.to(encoded.device), steps=budget.label_steps
    )
    return Found({"label_mine": float(value)}, {}, [])


MEASUREMENTS: dict[str, Callable[[Encoded, Budget], Found]] = {
    "MINE and SMILE": _mine_and_smile,
    "NWJ": _nwj,
    "InfoNCE": _info_nce,
    "MINE of the label": _label_mine,
    "probe": _probe,
    "sandwich": _sandwich,
}
"""Of each β, the longest first."""


def label_entropy(labels: Tensor, classes: int) -> float:
    """Return H(y) in nats, by your task 3.9: what a probe that guesses misses of ln(classes)."""
    guess = torch.zeros(len(labels), classes)
    return float(probe.label_information(guess, labels)) + math.log(classes)


def _pixel_information(kept: Kept, data: Dataset, budget: Budget) -> dict[str, float]:
    """Return the columns that no β changes: H(y), and I(x; y) by a probe on the pixels."""
    first = next(iter(kept.digests))
    name = "probe on the pixels"
    if name not in (done := kept.of(first)):
        classes = len(data.classes)
        torch.manual_seed(0)
        train, test = (images.flatten(1) for images in (data.train_images, data.test_images))
        steps = budget.pixel_steps
        trained = probe.train_probe(train, data.train_labels, classes=classes, steps=steps)
        with torch.no_grad():
            logits = trained(test)
        columns = {
            "label_entropy": label_entropy(data.test_labels, classes),
            "pixel_probe": float(probe.label_information(logits, data.test_labels)),
        }
        kept.add(first, name, Found(columns, {}, []))
        return columns
    return done[name].columns


# The table


def _row(run: Run, shared: dict[str, float], found: dict[str, Found]) -> dict[str, Any]:
    """Return one row of mi.csv, in nats but for the ratio and the accuracy."""
    row: dict[str, Any] = {"beta": run.config["beta"], "rate": run.metrics[-1]["test_rate"]}
    for name in MEASUREMENTS:
        row |= found[name].columns
    row |= shared
    row["ratio"] = float(probe.information_ratio(row["label_probe"], row["mine"]))
    more = [doubt for name in MEASUREMENTS for doubt in found[name].doubts]
    row["doubts"] = "; ".join([*doubts(row), *more])
    return row


def doubts(row: dict[str, Any]) -> list[str]:
    """Say why one β's readings may not be trusted; empty where the bracket contains them all.

    Args:
        row: the readings, the rate and the sandwich, in nats, by column of mi.csv.
    """
    lower, ceiling = row["sandwich_lower"], min(row["sandwich_upper"], row["rate"])
    found = []
    if ceiling - lower > OPEN_BRACKET * max(ceiling, 1.0):
        found.append("the bracket is open")
    most = math.log(row["images"])
    if max(row["rate"], lower / NEAR_CEILING) > most:
        found.append(f"{row['images']} images can show at most ln {row['images']} = {most:.2f}")
    for where, misses in (
        ("above the rate", {name: row[name] - row["rate"] for name in READINGS}),
        ("above the bracket", {n: row[n] - ceiling for n in READINGS if row[n] <= row["rate"]}),
        ("below the bracket", {name: lower - row[name] for name in READINGS}),
    ):
        named = [f"{READINGS[name]} by {by:.2f}" for name, by in misses.items() if by > 0]
        if named:
            found.append(f"{where}: {', '.join(named)}")
    return found


def unsteadiness(history: list[float]) -> list[str]:
    """Return doubts about a training curve: the bound on each training batch."""
    found = []
    if quarter := len(history) // 4:
        before, last = (
            torch.tensor(part) for part in (history[-2 * quarter : -quarter], history[-quarter:])
        )
        allowed = UNSTEADY * max(1.0, float(last.mean()))
        if abs(float(last.mean() - before.mean())) > allowed:
            found.append("no plateau: train longer")
        if float(last.std()) > 4 * allowed:
            found.append("the plateau is unsteady")
    return found


def _curves(beta: float, found, block: int) -> list[dict]:
    """Return training curves of one β, a row per block of steps."""
    histories = {name: curve for each in found for name, curve in each.curves.items()}
    return [
        {"beta": beta, "estimator": name, "step": end, "nats": mean(history[end - block : end])}
        for name, history in histories.items()
        for end in range(block, len(history) + 1, block)
    ]
