"""The figures of the geometry part, each as PNG and PDF. Given code."""

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from torch import Tensor

from rdlab.lab.figures import BLACK, BLUE, GREEN, ORANGE, RED
from rdlab.lab.geometry.chains import Sampled
from rdlab.lab.geometry.classes import ClassGeometry, Codes, ellipse
from rdlab.lab.geometry.films import Film
from rdlab.lab.geometry.phases import kl_step_phases
from rdlab.lab.geometry.walking import STEPS, Walk

# Ten colours that colour-blind readers tell apart (Tol's "muted", and black); every class has a
# marker of its own as well, for print in grey.
CLASS_COLOURS = (
    "#332288", "#88CCEE", "#44AA99", "#117733", "#999933",
    "#DDAA33", "#CC6677", "#882255", "#AA4499", "#000000",
)  # fmt: skip
CLASS_MARKERS = "osD^vP*X<>"
SHOWN_DIMENSIONS = 16
PHASE_SHADES = ("#ffffff", "#f1d9c0", "#d9e6f2", "#d5ead9", "#f4f4f4")


def plot_samplers(samplers: list[Sampled]) -> plt.Figure:
    """Plot ten pictures of each sampler, with its scores."""
    figure, grid = plt.subplots(len(samplers), 10, figsize=(9.6, 0.86 * len(samplers) + 0.6))
    for axes_row, sampled in zip(grid, samplers, strict=True):
        for axes, picture in zip(axes_row, sampled.pictures, strict=False):
            show_picture(axes, picture)
        scores = sampled.scores
        axes_row[0].set_ylabel(
            f"{sampled.name}\ninception score {scores['inception_score']:.2f}\n"
            f"error to nearest {scores['nearest']:.1f}",
            rotation=0,
            ha="right",
            va="center",
            fontsize=8,
        )
    figure.suptitle("Pictures of three samplers, and test images")
    return figure


def show_picture(axes: plt.Axes, picture: Tensor) -> None:
    """Show one picture (1, H, W) as ink, without axes."""
    axes.imshow(picture.movedim(0, -1).numpy(), cmap="gray_r", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def plot_acceptance(rows: list[dict]) -> plt.Figure:
    """Plot acceptance against the step for each set of images, and against step · √N."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.8), sharey=True)
    looks = [("o-", BLACK), ("s--", ORANGE), ("^-.", BLUE), ("D:", GREEN), ("v-", RED)]
    sets = sorted(
        {(row["classes"], row["images"]) for row in rows}, key=lambda s: (s[0] == "all", s)
    )
    for (classes, count), (style, colour) in zip(sets, looks, strict=False):
        own = sorted(
            (row for row in rows if (row["classes"], row["images"]) == (classes, count)),
            key=lambda row: row["step"],
        )
        rates = [row["acceptance"] for row in own]
        of = {"one": "one class" if count > 1 else "alone", "all": "all classes"}[classes]
        label = f"{count} {'image' if count == 1 else 'images'}, {of}"
        left.plot([row["step"] for row in own], rates, style, color=colour, label=label)
        scaled = [row["step"] * math.sqrt(count) for row in own]
        right.plot(scaled, rates, style, color=colour)
    left.set(xscale="log", xlabel="step", ylabel="acceptance", ylim=(-0.02, 1.02))
    right.set(xscale="log", xlabel="step · √(number of images)")
    left.legend(fontsize=8)
    return figure


def plot_chain_energy(energies: list[float], expected: float) -> plt.Figure:
    """Plot mean −ℓ along the chains, one per image, and that of the encoder's codes."""
    figure, axes = plt.subplots(figsize=(6.4, 3.4))
    axes.plot(range(1, len(energies) + 1), energies, color=BLUE, label="pCN, one chain per image")
    axes.axhline(expected, color=BLACK, linestyle="--", label="codes of the encoder")
    axes.set(xlabel="step of the chain", ylabel="−ℓ per image (nats)", yscale="log")
    axes.legend()
    return figure


def plot_means(geometry: ClassGeometry, names: tuple[str, ...]) -> plt.Figure:
    """Plot the mean of every class in each active dimension."""
    figure, axes = plt.subplots(figsize=(1.8 + 0.62 * len(geometry.active), 4.4))
    means = geometry.means.numpy()
    largest = np.nanmax(np.abs(means))
    image = axes.imshow(means, cmap="PuOr", vmin=-largest, vmax=largest, aspect="auto")
    _write_numbers(axes, means, np.abs(means) > 0.6 * largest)
    _name_axes(axes, [f"z{dimension}" for dimension in geometry.active], names)
    axes.set_title("Class means")
    figure.colorbar(image, label="mean (the prior has 0)")
    return figure


def _write_numbers(axes: plt.Axes, values: np.ndarray, dark: np.ndarray) -> None:
    """Write each number into its cell, in white where the cell is dark."""
    for (row, column), value in np.ndenumerate(values):
        colour = "white" if dark[row, column] else "black"
        text = f"{round(value, 1) + 0.0:.1f}"  # 0.0, never -0.0
        axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)


def plot_distances(geometry: ClassGeometry, names: tuple[str, ...]) -> plt.Figure:
    """Plot the distances between the class means as a matrix with numbers."""
    figure, axes = plt.subplots(figsize=(6.6, 5.6))
    distances = geometry.distances.numpy()
    image = axes.imshow(distances, cmap="cividis")
    _write_numbers(axes, distances, distances < 0.6 * np.nanmax(distances))
    _name_axes(axes, names, names)
    axes.set_title(f"Distance between class means ({len(geometry.active)} active dimensions)")
    figure.colorbar(image, label="distance")
    return figure


def _name_axes(axes: plt.Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.grid(visible=False)


def plot_volumes(geometry: ClassGeometry, names: tuple[str, ...]) -> plt.Figure:
    """Plot the volume of each class, and the direction in which it is longest."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0), width_ratios=(1, 1.25))
    rows = range(len(names))
    left.barh(rows, geometry.volumes.numpy(), color=BLUE)
    left.set_yticks(rows, names, fontsize=8)
    left.invert_yaxis()
    left.set(xlabel="volume, ½ ln det Σ (the prior has 0)")
    directions = geometry.directions.numpy()
    image = right.imshow(directions, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    labels = [
        f"{name} ({share:.0%})" for name, share in zip(names, geometry.shares.tolist(), strict=True)
    ]
    right.set_yticks(rows, labels, fontsize=8)
    right.set_xticks(range(len(geometry.active)), [f"z{i}" for i in geometry.active], fontsize=7)
    right.tick_params(axis="x", rotation=90)
    right.grid(visible=False)
    right.set_title("leading direction (share of the trace)", fontsize=10)
    figure.colorbar(image, label="component")
    return figure


def plot_covariances(geometry: ClassGeometry, names: tuple[str, ...]) -> plt.Figure:
    """Plot the covariance matrix of every class in the active dimensions."""
    columns = 5
    rows = math.ceil(len(names) / columns)
    figure, grid = plt.subplots(rows, columns, figsize=(9.6, 2.1 * rows + 0.3), squeeze=False)
    largest = np.nanmax(np.abs(geometry.covariances.numpy()))
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    for axes, covariance, name in zip(grid.flat, geometry.covariances, names, strict=False):
        image = axes.imshow(covariance.numpy(), cmap="PuOr", vmin=-largest, vmax=largest)
        axes.set(xticks=[], yticks=[])
        axes.set_title(name, fontsize=9)
        axes.grid(visible=False)
    figure.colorbar(image, ax=grid, label="covariance", shrink=0.8)
    return figure


def plot_violins(samples: dict[str, Codes]) -> plt.Figure:
    """Plot the distribution of each active dimension: of one run, or of two on either side.

    Two runs do not number their dimensions alike: beside each other are those of the same rank by
    KL, at most `SHOWN_DIMENSIONS` of each run.

    Args:
        samples: for each run, by its label, codes drawn from q(z|x).
    """
    figure, axes = plt.subplots(figsize=(9.6, 3.8))
    sides: Any = ["both"] if len(samples) == 1 else ["low", "high"]
    for (label, codes), side, colour in zip(samples.items(), sides, (BLUE, ORANGE), strict=False):
        z = codes.z[:, codes.active[:SHOWN_DIMENSIONS]].numpy()
        parts: Any = axes.violinplot(z, widths=0.9, side=side, showextrema=False, showmedians=True)
        for body in parts["bodies"]:
            body.set(facecolor=colour, edgecolor=BLACK, alpha=0.75, linewidth=0.5)
        parts["cmedians"].set(color=BLACK, linewidth=1)
        axes.fill_between([], [], color=colour, alpha=0.75, label=label)
    for level in (-1.96, 0, 1.96):
        axes.axhline(level, color=BLACK, linestyle=":", linewidth=0.8)
    axes.plot([], [], ":", color=BLACK, label="N(0, 1): median and 95 %")
    names = _rank_names(samples)
    axes.set_xticks(range(1, len(names) + 1), names, fontsize=8)
    axes.set(ylabel="z drawn from q(z|x)", xlabel="active dimension, the most expensive first")
    axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.16))
    return figure


def _rank_names(samples: dict[str, Codes]) -> list[str]:
    """Name the dimensions of each rank: "z3", or "z3 | z17" of two runs."""
    columns = [[f"z{i}" for i in codes.active[:SHOWN_DIMENSIONS]] for codes in samples.values()]
    return [" | ".join(names) for names in zip_longest(*columns, fillvalue="–")]


def plot_polar(samples: dict[str, Codes]) -> plt.Figure:
    """Plot the violins of all active dimensions around a circle: a flower per run."""
    petals = min(SHOWN_DIMENSIONS, max(len(codes.active) for codes in samples.values()))
    figure, grid = plt.subplots(
        1,
        len(samples),
        figsize=(4.8 * len(samples), 4.8),
        subplot_kw={"projection": "polar"},
        squeeze=False,
    )
    for axes, (label, codes), colour in zip(grid[0], samples.items(), (BLUE, ORANGE), strict=False):
        shown = codes.active[:petals]
        for place, dimension in enumerate(shown):
            _polar_violin(axes, codes.z[:, dimension].numpy(), place, petals, colour)
        angles = [2 * math.pi * place / petals for place in range(len(shown))]
        axes.set_xticks(angles, [f"z{i}" for i in shown], fontsize=8)
        axes.set_ylim(0, 8)
        axes.set_yticks([1, 4, 7], ["−3", "0", "3"], fontsize=7)
        axes.set_title(label)
    return figure


def _polar_violin(axes: plt.Axes, values, place: int, count: int, colour: str) -> None:
    """Draw one violin along a ray: z from −4 at the centre to 4 at the rim."""
    density, edges = np.histogram(values, bins=48, range=(-4, 4), density=True)
    density = np.convolve(density, [0.25, 0.5, 0.25], mode="same")
    radius = (edges[:-1] + edges[1:]) / 2 + 4
    half = 0.45 * 2 * math.pi / count * density / max(density.max(), 1e-12)
    angle = 2 * math.pi * place / count
    outline = np.concatenate([angle - half, (angle + half)[::-1]])
    axes.fill(outline, np.concatenate([radius, radius[::-1]]), color=colour, alpha=0.75)


def plot_phases(films: list[Film]) -> plt.Figure:
    """Plot R of every batch in the first steps; shade the phases of the clearest run (d = 8)."""
    figure, axes = plt.subplots(figsize=(8.2, 3.8))
    looks = {2: (":", BLUE), 3: ("-.", GREEN), 8: ("-", BLACK), 32: ("--", RED)}
    for film in films:
        style, colour = looks.get(film.latent_dim, ("-", ORANGE))
        steps = range(1, len(film.rates) + 1)
        axes.plot(steps, film.rates, style, color=colour, label=f"d = {film.latent_dim}")
    clearest = next((film for film in films if film.latent_dim == 8), films[0])
    phases = kl_step_phases(clearest.rates)
    top = max(max(film.rates) for film in films)
    for phase, shade in zip(phases, PHASE_SHADES, strict=False):
        axes.axvspan(phase["first"] - 0.5, phase["last"] + 0.5, color=shade, zorder=0, alpha=0.7)
        middle = math.sqrt(phase["first"] * phase["last"])
        axes.text(middle, 1.02 * top, phase["name"], ha="center", va="bottom", fontsize=8)
    axes.set(
        xlabel="step of training (logarithmic)",
        ylabel="R of the batch (nats)",
        xscale="log",
        xlim=(0.9, len(clearest.rates) + 1),
        ylim=(0, 1.15 * top),
    )
    axes.legend(loc="center left")
    return figure


def plot_plane(film: Film, names: tuple[str, ...], means: Tensor, covariances: Tensor):
    """Plot the codes of the small model with two dimensions, with the ellipse of every class."""
    figure, axes = plt.subplots(figsize=(7.6, 6.2))
    scatter_classes(axes, film.codes[-1], film.labels, names)
    for label, colour in zip(range(len(names)), CLASS_COLOURS, strict=False):
        for deviations, width in ((1, 1.6), (2, 0.8)):
            curve = ellipse(means[label], covariances[label], deviations).numpy()
            axes.plot(curve[:, 0], curve[:, 1], color=colour, linewidth=width)
    axes.set_title("Test images in two dimensions; mean and covariance of every class")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def scatter_classes(axes, codes: Tensor, labels: Tensor, names: tuple[str, ...]) -> None:
    """Draw codes in two or three dimensions, each class with its own colour and marker."""
    for label, name in enumerate(names):
        own = codes[labels == label].T.numpy()
        axes.scatter(
            *own,
            s=14,
            color=CLASS_COLOURS[label % len(CLASS_COLOURS)],
            marker=CLASS_MARKERS[label % len(CLASS_MARKERS)],
            label=name,
            alpha=0.75,
            linewidths=0.3,
            edgecolors="white",
        )
    axes.set(xlabel="z0", ylabel="z1")


def plot_walk(made: Walk, names: tuple[str, ...]) -> plt.Figure:
    """Plot pictures along the walk, and below what the classifier takes them for."""
    each = STEPS // 4
    pictures = made.pictures[::each]
    columns = 13
    rows = math.ceil(len(pictures) / columns)
    figure = plt.figure(figsize=(9.6, 0.78 * rows + 3.2), layout="constrained")
    halves: Any = figure.subfigures(2, 1, height_ratios=(0.78 * rows + 0.3, 2.9))
    top, bottom = halves
    grid = top.subplots(rows, columns)
    for axes in grid.flat[len(pictures) :]:
        axes.set_visible(False)
    for place, (axes, picture) in enumerate(zip(grid.flat, pictures, strict=False)):
        show_picture(axes, picture)
        if place * each % STEPS == 0:
            axes.set_title(names[made.order[place * each // STEPS]], fontsize=7)
    axes = bottom.subplots()
    axes.stackplot(
        range(len(made.places)),
        made.probabilities.T.numpy(),
        labels=names,
        colors=CLASS_COLOURS,
        alpha=0.85,
    )
    axes.set(
        xlabel="place on the walk",
        ylabel="probability of the class",
        xlim=(0, len(made.places) - 1),
        ylim=(0, 1),
    )
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def plot_calibration(points: list[tuple[float, float]]) -> plt.Figure:
    """Plot 2D/n of each run of a sweep against its β: a consistent run is on the dashed line.

    Args:
        points: (β, calibrated β) of each run.
    """
    figure, axes = plt.subplots(figsize=(5.4, 4.2))
    prices = [beta for beta, _ in points]
    axes.plot(prices, [calibrated for _, calibrated in points], "o-", color=RED, label="2D/n")
    axes.plot(prices, prices, "--", color=BLACK, label="β itself")
    axes.set(xscale="log", yscale="log", xlabel="β of the run", ylabel="price that fits its D")
    axes.legend()
    return figure
