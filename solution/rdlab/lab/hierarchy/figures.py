"""The figures of part 6, drawn from evaluation.csv and the runs. Given code."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from torch import Tensor

from rdlab.hierarchy import upper_hull
from rdlab.lab.figures import BLACK, BLUE, GREEN, ORANGE, RED, STYLE, one_of_each_class, save
from rdlab.lab.hierarchy.classifiers import NAMES
from rdlab.lab.hierarchy.data_sets import load_data
from rdlab.lab.hierarchy.evaluation import cost, linear_point, read_table, top_means
from rdlab.lab.hierarchy.networks import Hierarchy
from rdlab.lab.hierarchy.objective import sample_prior
from rdlab.lab.hierarchy.training import load_grid
from rdlab.lab.runs import Run
from rdlab.rate_distortion import covariance_spectrum

Grid = dict[tuple[float, float], Run]
METRICS = {
    "psnr": "PSNR (dB)",
    "reconstruction_accuracy": "accuracy on reconstructions",
    "information_high": "I(z₂; label), upper end (nats)",
    "rbf_svm_samples": "RBF SVM on samples of z₂",
    "rbf_svm_means": "RBF SVM on means of z₂",
    "inception_score": "inception score",
    "diversity": "diversity",
    "sharpness": "sharpness",
}
"""What is drawn over the plane of the rates; larger is better."""
CLASSIFIER_LABELS = {
    "logistic": "logistic regression", "linear_svm": "linear SVM", "rbf_svm": "RBF SVM",
    "knn": "kNN",
}  # fmt: skip
COLOURS, MARKERS = (BLUE, GREEN, ORANGE, RED), "osD^"
MAP = "cividis"
PCA_POINTS = 1500


def draw_grid(runs: Path, out: Path, data_folder: Path | None = None) -> None:
    """Draw every figure of part 6 into a folder, each as PNG and PDF.

    Args:
        runs: folder of the grid, with its evaluation.csv.
        out: folder to write to.
        data_folder: see `load_data`.

    Raises:
        LabError: runs or their table are missing or do not belong together.
    """
    rows, grid = read_table(runs), load_grid(runs)
    data = load_data(next(iter(grid.values())).config["data"], data_folder)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    drawings: dict[str, Callable[[], plt.Figure]] = {
        "heat_maps": lambda: plot_heat_maps(rows),
        "rate_plane": lambda: plot_rate_plane(rows),
        "total_rate": lambda: plot_total_rate(rows),
        "accuracy_bound": lambda: plot_accuracy_bound(rows),
        "three_dimensions": lambda: plot_three_dimensions(rows),
        "bottom_pca": lambda: plot_bottom_pca(grid, data),
        "reconstructions": lambda: plot_reconstructions(grid, data),
        "samples": lambda: plot_samples(grid),
    }
    if all(run.config["likelihood"] == "gaussian" for run in grid.values()):
        drawings["linear_hierarchy"] = lambda: plot_linear(rows, grid, data.test_images)
    with plt.rc_context(STYLE):
        for name, draw in drawings.items():
            save(draw(), out / f"{name}.png")


def shown_metrics(rows: Sequence[dict]) -> dict[str, str]:
    """Return the metrics that every run has, with their names."""
    return {
        key: label for key, label in METRICS.items() if all(math.isfinite(r[key]) for r in rows)
    }


def _panels(count: int, **settings) -> tuple[plt.Figure, list]:
    """Return a figure with so many panels in rows of four."""
    columns = min(4, count)
    lines = math.ceil(count / columns)
    figure, axes = plt.subplots(
        lines, columns, squeeze=False, figsize=(3.1 * columns, 2.7 * lines), **settings
    )
    flat = list(axes.flat)
    for unused in flat[count:]:
        unused.remove()
    return figure, flat[:count]


def plot_heat_maps(rows: Sequence[dict]) -> plt.Figure:
    """Plot each metric over the two prices, with its value written in."""
    metrics = {"rate_2": "R₂ (nats)", "rate_1": "R₁ (nats)", "distortion": "distortion D"}
    metrics |= shown_metrics(rows)
    prices_2 = sorted({row["beta_2"] for row in rows})
    prices_1 = sorted({row["beta_1"] for row in rows})
    figure, panels = _panels(len(metrics))
    for axes, (key, label) in zip(panels, metrics.items(), strict=True):
        values = np.full((len(prices_2), len(prices_1)), np.nan)
        for row in rows:
            values[prices_2.index(row["beta_2"]), prices_1.index(row["beta_1"])] = row[key]
        picture = axes.imshow(values, cmap=MAP, origin="lower", aspect="auto")
        for (i, j), value in np.ndenumerate(values):
            if np.isfinite(value):
                dark = picture.norm(value) < 0.55
                axes.text(j, i, f"{value:.3g}", ha="center", va="center",
                          color="white" if dark else "black")  # fmt: skip
        axes.set_xticks(range(len(prices_1)), [f"{price:g}" for price in prices_1])
        axes.set_yticks(range(len(prices_2)), [f"{price:g}" for price in prices_2])
        axes.grid(False)
        axes.set(title=label, xlabel="β₁ (bottom)", ylabel="β₂ (top)")
    return figure


def plot_rate_plane(rows: Sequence[dict]) -> plt.Figure:
    """Plot the runs in the plane of the two rates, coloured by each metric."""
    metrics = shown_metrics(rows)
    figure, panels = _panels(len(metrics), sharex=True, sharey=True)
    rate_2, rate_1 = ([row[key] for row in rows] for key in ("rate_2", "rate_1"))
    for axes, (key, label) in zip(panels, metrics.items(), strict=True):
        values = [row[key] for row in rows]
        points = axes.scatter(
            rate_2, rate_1, c=values, cmap=MAP, s=60, edgecolors=BLACK, lw=0.5, zorder=3
        )
        best = max(range(len(rows)), key=values.__getitem__)
        axes.scatter(
            rate_2[best], rate_1[best], s=180, facecolors="none", edgecolors=RED, lw=1.5, zorder=4
        )
        figure.colorbar(points, ax=axes)
        axes.set(title=label, xlabel="R₂ (nats)", ylabel="R₁ (nats)")
    figure.suptitle("Ringed: the best run of each metric")
    return figure


def plot_total_rate(rows: Sequence[dict]) -> plt.Figure:
    """Plot each metric against the total rate, with its frontier; colour: direction in ln β."""
    metrics = shown_metrics(rows)
    figure, panels = _panels(len(metrics))
    rates = torch.tensor([row["rate"] for row in rows], dtype=torch.float64)
    direction = [math.log(row["beta_2"] / row["beta_1"]) for row in rows]
    for axes, (key, label) in zip(panels, metrics.items(), strict=True):
        values = torch.tensor([row[key] for row in rows], dtype=torch.float64)
        corners = upper_hull(rates, values)
        corners = corners[rates[corners].argsort()]
        axes.plot(rates[corners], values[corners], "-", color=RED, lw=1, zorder=1)
        points = axes.scatter(rates, values, c=direction, cmap=MAP, s=40, edgecolors=BLACK, lw=0.5)
        axes.set(title=label, xlabel="R₂ + R₁ (nats)")
    bar = figure.colorbar(points, ax=panels)
    bar.set_label("ln β₂ − ln β₁: large where the top layer is expensive")
    return figure


def plot_accuracy_bound(rows: Sequence[dict]) -> plt.Figure:
    """Plot accuracies against their bound: on samples below the line, on means not always."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 4.2), sharex=True, sharey=True)
    for axes, where in zip(panels, ("samples", "means"), strict=True):
        for name, colour, marker in zip(NAMES, COLOURS, MARKERS, strict=True):
            axes.plot(
                [row["accuracy_bound"] for row in rows],
                [row[f"{name}_{where}"] for row in rows],
                marker, color=colour, mfc="none", label=CLASSIFIER_LABELS[name],
            )  # fmt: skip
        axes.plot([0, 1], [0, 1], "--", color=BLACK, lw=1)
        axes.set(title=f"classifiers on {where} of q(z₂|x)", xlabel="bound from I(z₂; label)",
                 ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.02))  # fmt: skip
    panels[0].legend()
    return figure


def plot_three_dimensions(rows: Sequence[dict]) -> plt.Figure:
    """Plot metrics as heights over the plane of the two rates."""
    chosen = list(shown_metrics(rows).items())[:4]
    figure = plt.figure(figsize=(11, 3.4 * math.ceil(len(chosen) / 4) + 0.2))
    for place, (key, label) in enumerate(chosen, start=1):
        axes = figure.add_subplot(1, len(chosen), place, projection="3d")
        x, y, z = (np.array([row[name] for row in rows]) for name in ("rate_2", "rate_1", key))
        least = z.min() - 0.05 * max(np.ptp(z), 1e-9)
        for i in range(len(rows)):
            axes.plot([x[i], x[i]], [y[i], y[i]], [least, z[i]], color=BLACK, lw=0.6)
        axes.scatter(x, y, z, c=z, cmap=MAP, s=35, edgecolors=BLACK, lw=0.5, depthshade=False)
        axes.set(xlabel="R₂", ylabel="R₁", title=label)
        axes.tick_params(labelsize=7)
        axes.set_box_aspect(None, zoom=0.82)
    return figure


def plot_linear(rows: Sequence[dict], grid: Grid, images: Tensor) -> plt.Figure:
    """Plot the runs beside the best linear hierarchy at their prices: rates' split, and cost."""
    variances = covariance_spectrum(images)
    figure, (plane, costs) = plt.subplots(1, 2, figsize=(10.5, 4.4))
    names, points, pairs = [], [], []
    for row in rows:
        config = grid[row["beta_2"], row["beta_1"]].config
        trained = row["rate_2"], row["rate_1"], row["distortion"]
        best = linear_point(config, variances)
        names.append(f"{row['beta_2']:g}, {row['beta_1']:g}")
        points.append(trained[:2])
        pairs.append((cost(config, *best), cost(config, *trained)))
        plane.plot(*trained[:2], "o", color=RED)
        if row["beta_2"] != row["beta_1"]:  # where they are equal the split is arbitrary
            plane.plot(*zip(trained[:2], best[:2], strict=True), ":", color=BLACK, lw=0.8)
            plane.plot(*best[:2], "s", color=GREEN, mfc="none")
    plane.plot([], [], "o", color=RED, label="trained (β₂, β₁)")
    plane.plot([], [], "s", color=GREEN, mfc="none", label="linear, in closed form")
    plane.set(xlabel="R₂ (nats)", ylabel="R₁ (nats)")
    plane.legend()
    costs.plot(*zip(*pairs, strict=True), "o", color=RED)
    costs.axline((pairs[0][0], pairs[0][0]), slope=1, ls="--", color=BLACK, lw=1)
    costs.set(xlabel="cost of the best linear hierarchy", ylabel="cost D + β₂R₂ + β₁R₁, trained")
    for axes, places in ((plane, points), (costs, pairs)):
        label_points(axes, places, names)
    return figure


LABEL_PLACES = tuple(
    (far * x, far * y)
    for far in (1.0, 1.8, 2.8, 4.0)
    for x, y in ((7, 4), (7, -11), (-7, 4), (-7, -11), (0, 9), (0, -17))
)
"""Where a name may be, in units of 1/72 inch from its point, the best place first."""


def label_points(axes, points: Sequence[tuple[float, float]], names: Sequence[str]) -> list[Bbox]:
    """Write a name beside each point, where it covers no other name and no point.

    A name without room is left out. Call it last: the limits of the axes must stay.

    Returns:
        Where the names are, in pixels.
    """
    figure = axes.figure
    figure.draw_without_rendering()  # gives the axes their size
    around = 4 * figure.dpi / 72
    taken = [
        Bbox.from_extents(x - around, y - around, x + around, y + around)
        for x, y in axes.transData.transform(points)
    ]
    for point, name in sorted(zip(points, names, strict=True), key=lambda each: -each[0][1]):
        for place in LABEL_PLACES:
            label, box = _write_label(axes, name, point, place)
            inside = axes.bbox.contains(*box.min) and axes.bbox.contains(*box.max)
            if inside and not box.count_overlaps(taken):
                taken.append(box)
                break
            label.remove()
    return taken[len(points) :]


def _write_label(axes, name: str, point: tuple[float, float], place: tuple[float, float]):
    """Write a name with a fine line to its point; return it, and where it is in pixels."""
    side = "left" if place[0] > 0 else "right" if place[0] < 0 else "center"
    line = {"arrowstyle": "-", "lw": 0.5, "color": BLACK, "shrinkA": 0, "shrinkB": 4}
    label = axes.annotate(
        name, point, place, textcoords="offset points", fontsize=8, ha=side, arrowprops=line
    )
    label.get_window_extent()  # puts the name in its place; what it returns holds the line as well
    return label, Text.get_window_extent(label)


@torch.no_grad()
def plot_bottom_pca(grid: Grid, data) -> plt.Figure:
    """Plot three principal components of z₁'s means, coloured by class: first and last run."""
    images, labels = data.test_images[:PCA_POINTS], data.test_labels[:PCA_POINTS]
    pairs = [min(grid), max(grid)]
    figure = plt.figure(figsize=(10, 4.8))
    colours = plt.get_cmap("tab10")
    for place, pair in enumerate(pairs, start=1):
        model = cast(Hierarchy, grid[pair].model)
        codes = model.encode_bottom(images, top_means(model, images))[0].double()
        points = principal_components(codes, 3)
        axes = figure.add_subplot(1, 2, place, projection="3d")
        for label, name in enumerate(data.classes):
            own = points[labels == label]
            axes.scatter(*own.T.tolist(), s=6, color=colours(label % 10), label=name,
                         marker="os^Dv"[label % 5])  # fmt: skip
        axes.set(title=f"z₁ at β₂ = {pair[0]:g}, β₁ = {pair[1]:g}")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def principal_components(codes: Tensor, count: int) -> Tensor:
    """Return the codes in the coordinates of their leading principal components, (N, count)."""
    centred = codes - codes.mean(0)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:count].T


@torch.no_grad()
def plot_reconstructions(grid: Grid, data) -> plt.Figure:
    """Plot one image of each class, and its reconstruction from posterior means by every run."""
    images = data.test_images[one_of_each_class(data)]
    rows, names = [images], ["original"]
    for (beta_2, beta_1), run in grid.items():
        model = cast(Hierarchy, run.model)
        means = model.encode_bottom(images, top_means(model, images))[0]
        rows.append(model.decode(means))
        names.append(f"β₂ {beta_2:g}, β₁ {beta_1:g}")
    return _picture_rows(rows, names, "Reconstructions of test images")


@torch.no_grad()
def plot_samples(grid: Grid) -> plt.Figure:
    """Plot ten samples of every run, decoded from the prior."""
    rows, names = [], []
    for (beta_2, beta_1), run in grid.items():
        torch.manual_seed(0)
        model = cast(Hierarchy, run.model)
        rows.append(model.decode(sample_prior(model, 10, run.config["top_dim"])))
        names.append(f"β₂ {beta_2:g}, β₁ {beta_1:g}")
    return _picture_rows(rows, names, "Samples: z₂ from the prior, z₁ given z₂, decoded")


def _picture_rows(rows: list[Tensor], names: list[str], title: str) -> plt.Figure:
    """Plot rows of images, each (k, C, H, W), with a name to the left of each row."""
    figure, axes = plt.subplots(
        len(rows), len(rows[0]), squeeze=False, figsize=(0.7 * len(rows[0]) + 1.6, 0.75 * len(rows))
    )
    for line, images, name in zip(axes, rows, names, strict=True):
        for panel, image in zip(line, images, strict=True):
            pixels = image.movedim(0, -1).numpy()
            grey = {"cmap": "gray_r", "vmin": 0, "vmax": 1} if pixels.shape[2] == 1 else {}
            panel.imshow(pixels, **grey)
            panel.set(xticks=[], yticks=[])
            panel.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    figure.suptitle(title)
    return figure
