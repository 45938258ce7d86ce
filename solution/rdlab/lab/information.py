"""The measurements of part 3 on a finished sweep, with your functions. Given code."""

import csv
import os
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from statistics import mean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from rdlab.gaussian import reparameterize
from rdlab.lab.data import load_images
from rdlab.lab.figures import BLUE, GREEN, ORANGE, RED, STYLE, encode, plt, save
from rdlab.lab.parallel import cores, side_by_side
from rdlab.lab.runs import load_run, load_sweep, run_folder
from rdlab.mutual_information import estimate_mutual_information
from rdlab.probe import information_ratio, label_information, train_probe
from rdlab.sandwich import sandwich_bounds

OPEN_BRACKET = 0.1  # relative width
UNSTEADY = 0.05  # relative


@dataclass(frozen=True)
class Budget:
    """How much is drawn and trained for one β."""

    draws: int = 10
    """Of fresh noise for each image: with one, critic and probe learn the noise by heart."""
    steps: int = 2000
    label_steps: int = 1000
    probe_steps: int = 1000
    nce_pairs: int = 20_000
    nce_batch: int = 256
    """InfoNCE scores the square of this many pairs in each step."""
    nce_steps: int = 300
    sandwich_images: int = 4000
    """Its tables have the square of this many entries."""
    block: int = 50
    """Steps averaged to one point of a training curve."""


BUDGET = Budget()


def measure_information(
    runs: Path, out: Path, data_folder: Path | None = None, jobs: int | None = None
) -> int:
    """Write mi.csv, mi_training.csv and their figures, one row and one point per β.

    Args:
        runs: folder of a finished sweep.
        out: folder to write to. The tables are written again with each β that is done.
        data_folder: see `load_images`.
        jobs: how many β to measure at once; None is one per processor core.
    """
    sweep = load_sweep(runs)
    jobs = min(jobs or cores(), len(sweep))
    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    curves: list[dict[str, Any]] = []
    each = [(run_folder(runs, beta), data_folder, BUDGET) for beta in sweep]
    with tqdm(total=len(sweep), desc="mutual information", unit="β") as bar:
        for row, curve in side_by_side(measure, each, jobs):
            rows = sorted([*rows, row], key=itemgetter("beta"))
            curves = sorted([*curves, *curve], key=itemgetter("beta"))
            _write_table(out / "mi.csv", rows)
            _write_table(out / "mi_training.csv", curves)
            bar.update()
    print_table(rows)
    print(f"wrote {out / 'mi.csv'} and mi_training.csv")
    with plt.rc_context(STYLE):
        save(plot_information(rows), out / "mutual_information.png")
        save(plot_training(curves), out / "mi_training.png")
    return 0


def load_information(runs: Path, out: Path, data_folder: Path | None = None) -> list[dict]:
    """The rows of mi.csv, one per β; measured first where they are missing or of another sweep.

    Args: see `measure_information`.
    """
    rates = [run.metrics[-1]["test_rate"] for run in load_sweep(runs).values()]
    if [row["rate"] for row in _read_table(out / "mi.csv")] != rates:
        measure_information(runs, out, data_folder)
    return _read_table(out / "mi.csv")


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


def measure(
    folder: Path, data_folder: Path | None, budget: Budget = BUDGET
) -> tuple[dict, list[dict]]:
    """The informations of one run, all in nats but for the ratio, and the critics' training curves.

    x reaches z only through mean and log-variance, so the critics see these in its place.
    """
    run = load_run(folder)
    data = load_images(run.config["data"], data_folder)
    torch.manual_seed(0)
    train, test = (encode(run.model, images) for images in (data.train_images, data.test_images))
    z_train, z_test = _draw(train, budget.draws), _draw(test, budget.draws)
    x = torch.cat(test, dim=1).repeat(budget.draws, 1)
    x = x - x.mean(0)
    labels = data.test_labels.repeat(budget.draws)
    few, half = slice(budget.sandwich_images), slice(budget.nce_pairs)
    histories: dict[str, list[float]] = {"mine": [], "nwj": [], "info_nce": []}
    estimates = {
        name: estimate_mutual_information(
            x, z_test, estimator=name, steps=budget.steps, history=histories.get(name)
        )
        for name in ("mine", "smile", "nwj")  # the first two read one and the same critic
    }
    estimates["info_nce"] = estimate_mutual_information(
        x[half],
        z_test[half],
        estimator="info_nce",
        batch_size=budget.nce_batch,
        steps=budget.nce_steps,
        history=histories["info_nce"],
    )
    lower, upper = sandwich_bounds(z_test[few], test[0][few], test[1][few])
    probe = train_probe(
        z_train,
        data.train_labels.repeat(budget.draws),
        classes=len(data.classes),
        steps=budget.probe_steps,
    )
    with torch.no_grad():
        logits = probe(z_test)
    one_hot = F.one_hot(labels, len(data.classes)).float()
    label_probe, rate = label_information(logits, labels), run.metrics[-1]["test_rate"]
    row = {
        "beta": run.config["beta"],
        "rate": rate,
        **estimates,
        "sandwich_lower": lower,
        "sandwich_upper": upper,
        "label_probe": label_probe,
        "label_accuracy": (logits.argmax(1) == labels).float().mean().item(),
        "label_mine": estimate_mutual_information(one_hot, z_test, steps=budget.label_steps),
        "ratio": information_ratio(label_probe, estimates["mine"]),
        "doubts": "; ".join(doubts(estimates["mine"], rate, lower, upper, histories["mine"])),
    }
    return row, _curves(row["beta"], histories, budget.block)


def doubts(mine: float, rate: float, lower: float, upper: float, history: list[float]) -> list[str]:
    """Why MINE's reading may not be trusted; empty where nothing speaks against it.

    Args:
        mine, rate, lower, upper: MINE's reading, the run's rate and the sandwich, in nats.
        history: MINE's bound on each training batch.
    """
    found = []
    ceiling = min(upper, rate)  # R is an upper bound on I(x; z) too
    if ceiling - lower > OPEN_BRACKET * max(ceiling, 1.0):
        found.append("the bracket is open")
    if mine > rate:
        found.append("above the rate")
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


def _curves(beta: float, histories: dict[str, list[float]], block: int) -> list[dict]:
    """Training curves, a row per block of steps."""
    return [
        {"beta": beta, "estimator": name, "step": end, "nats": mean(history[end - block : end])}
        for name, history in histories.items()
        for end in range(block, len(history) + 1, block)
    ]


def _draw(code: tuple[Tensor, Tensor], draws: int) -> Tensor:
    """Samples of q(z|x): all images once, then all images again, …, shape (draws · N, d)."""
    means, log_vars = (part.repeat(draws, 1) for part in code)
    return reparameterize(means, log_vars, torch.randn_like(means))


def print_table(rows: list[dict]) -> None:
    """One line per β, in nats."""
    print("   β      R        bracket    MINE     NWJ   InfoNCE   SMILE   I(z; y)   ratio   doubts")
    for row in rows:
        bracket = f"[{row['sandwich_lower']:.2f}, {row['sandwich_upper']:.2f}]"
        print(
            f"{row['beta']:4g} {row['rate']:6.2f} {bracket:>14} {row['mine']:7.2f} "
            f"{row['nwj']:7.2f} {row['info_nce']:9.2f} {row['smile']:7.2f} "
            f"{row['label_probe']:9.2f} {row['ratio']:7.2f}   "
            f"{row['doubts'] or 'none'}"
        )


def plot_training(curves: list[dict]) -> plt.Figure:
    """The bound on the training batches over the steps, a panel per estimator, a line per β."""
    names = {"mine": "MINE and SMILE", "nwj": "NWJ", "info_nce": "InfoNCE"}
    figure, grid = plt.subplots(1, 3, figsize=(8.4, 3.2), sharey=True)
    betas = sorted({row["beta"] for row in curves})
    colours = plt.get_cmap("cividis")([i / max(1, len(betas) - 1) * 0.9 for i in range(len(betas))])
    for axes, (name, title) in zip(grid, names.items(), strict=True):
        for beta, colour in zip(betas, colours, strict=True):
            own = [row for row in curves if row["estimator"] == name and row["beta"] == beta]
            axes.plot(
                [row["step"] for row in own],
                [row["nats"] for row in own],
                color=colour,
                label=f"β = {beta:g}",
            )
        axes.set(title=title, xlabel="step")
    grid[0].set_ylabel("bound on the training batch (nats)")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=6)
    return figure


def plot_information(rows: list[dict[str, float]]) -> plt.Figure:
    """I(x; z) with its bracket, I(z; y), their ratio, and the probe's accuracy, over β."""
    column = {key: [row[key] for row in rows] for key in rows[0]}
    figure, panels = plt.subplots(4, 1, sharex=True, figsize=(6.0, 9.0))
    top, labels, ratio, accuracy = panels
    beta = column["beta"]
    upper = [min(row["sandwich_upper"], row["rate"]) for row in rows]  # R is an upper bound too
    top.fill_between(
        beta, column["sandwich_lower"], upper, color=BLUE, alpha=0.25, label="sandwich on I(x; z)"
    )
    top.plot(beta, column["rate"], "s--", color=ORANGE, label="rate R")
    top.plot(beta, column["mine"], "o-", color=RED, label="I(x; z), MINE")
    top.set(ylabel="nats", yscale="log", yticks=[1, 2, 5, 10, 20])
    top.yaxis.set_major_formatter("{x:g}")
    top.minorticks_off()
    labels.plot(beta, column["label_probe"], "o-", color=BLUE, label="I(z; y), probe")
    labels.plot(beta, column["label_mine"], "^--", color=RED, label="I(z; y), MINE")
    labels.set_ylabel("nats")
    ratio.plot(beta, column["ratio"], "o-", color=GREEN, label="I(z; y) / I(x; z)")
    accuracy.plot(beta, column["label_accuracy"], "o-", color=BLUE, label="accuracy of the probe")
    accuracy.set(xscale="log", xlabel="β", xticks=beta, xticklabels=[f"{b:g}" for b in beta])
    accuracy.minorticks_off()
    for axes in panels:
        axes.legend()
    return figure
