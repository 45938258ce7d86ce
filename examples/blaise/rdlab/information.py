"""The measurements of part 3 on a finished sweep, with your functions. Given code."""

import csv
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from rdlab.data import Dataset, load_images
from rdlab.figures import BLUE, GREEN, ORANGE, RED, STYLE, encode, plt, save
from rdlab.gaussian import reparameterize
from rdlab.mutual_information import estimate_mutual_information
from rdlab.probe import information_ratio, label_information, train_probe
from rdlab.runs import Run, load_sweep
from rdlab.sandwich import sandwich_bounds

SANDWICH_IMAGES = 4000  # its tables have the square of this many entries
DRAWS = 10  # fresh noise for each image: with one draw, critic and probe learn the noise by heart


def measure_information(runs: Path, out: Path) -> int:
    """Write mi.csv and mutual_information.png, one row and one point per β."""
    sweep, data = load_sweep(runs), load_images()
    rows = []
    for beta, run in (bar := tqdm(sweep.items(), desc="mutual information", unit="β")):
        torch.manual_seed(0)
        rows.append({"beta": beta, **measure(run, data)})
        bar.set_postfix_str(f"β = {beta:g}: MINE {rows[-1]['mine']:.2f} nats")
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "mi.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    print(f"wrote {out / 'mi.csv'}")
    with plt.rc_context(STYLE):
        save(plot_information(rows), out / "mutual_information.png")
    return 0


def measure(run: Run, data: Dataset) -> dict[str, float]:
    """The informations of one run, all in nats but for the ratio.

    x reaches z only through mean and log-variance, so MINE's critic sees these in its place.
    """
    train, test = (encode(run.model, images) for images in (data.train_images, data.test_images))
    z_train, z_test = _draw(train, DRAWS), _draw(test, DRAWS)
    x = torch.cat(test, dim=1).repeat(DRAWS, 1)
    labels = data.test_labels.repeat(DRAWS)
    mine = estimate_mutual_information(x - x.mean(0), z_test)
    few = slice(SANDWICH_IMAGES)
    lower, upper = sandwich_bounds(z_test[few], test[0][few], test[1][few])
    probe = train_probe(z_train, data.train_labels.repeat(DRAWS))
    with torch.no_grad():
        label_probe = label_information(probe(z_test), labels)
    return {
        "rate": run.metrics[-1]["test_rate"],
        "mine": mine,
        "sandwich_lower": lower,
        "sandwich_upper": upper,
        "label_probe": label_probe,
        "label_mine": estimate_mutual_information(F.one_hot(labels, 10).float(), z_test),
        "ratio": information_ratio(label_probe, mine),
    }


def _draw(code: tuple[Tensor, Tensor], draws: int) -> Tensor:
    """Samples of q(z|x): all images once, then all images again, …, shape (draws · N, d)."""
    mean, log_var = (part.repeat(draws, 1) for part in code)
    return reparameterize(mean, log_var, torch.randn_like(mean))


def plot_information(rows: list[dict[str, float]]) -> plt.Figure:
    """I(x; z) with its bracket, I(z; y), and their ratio, over β."""
    column = {key: [row[key] for row in rows] for key in rows[0]}
    figure, (top, middle, bottom) = plt.subplots(3, 1, sharex=True, figsize=(6.0, 7.2))
    beta = column["beta"]
    upper = [min(row["sandwich_upper"], row["rate"]) for row in rows]  # R is an upper bound too
    top.fill_between(beta, column["sandwich_lower"], upper, color=BLUE, alpha=0.25,
                     label="sandwich on I(x; z)")  # fmt: skip
    top.plot(beta, column["rate"], "s--", color=ORANGE, label="rate R")
    top.plot(beta, column["mine"], "o-", color=RED, label="I(x; z), MINE")
    top.set(ylabel="nats", yscale="log", yticks=[1, 2, 5, 10, 20])
    top.yaxis.set_major_formatter("{x:g}")
    top.minorticks_off()
    middle.plot(beta, column["label_probe"], "o-", color=BLUE, label="I(z; y), probe")
    middle.plot(beta, column["label_mine"], "^--", color=RED, label="I(z; y), MINE")
    middle.set_ylabel("nats")
    bottom.plot(beta, column["ratio"], "o-", color=GREEN, label="I(z; y) / I(x; z)")
    bottom.set(xscale="log", xlabel="β", xticks=beta, xticklabels=[f"{b:g}" for b in beta])
    bottom.minorticks_off()
    for axes in (top, middle, bottom):
        axes.legend()
    return figure
