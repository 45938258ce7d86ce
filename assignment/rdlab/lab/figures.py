"""The figures of parts 1 and 2, drawn with your functions. Given code."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn

from rdlab.evaluation import redundant_dimensions
from rdlab.gaussian import gaussian_kl
from rdlab.lab.data import Dataset
from rdlab.lab.errors import attempt
from rdlab.lab.runs import Run
from rdlab.latents import interpolate, traverse
from rdlab.rate_distortion import (
    reverse_water_filling,
    white_gaussian_rate,
)

if matplotlib.get_backend(auto_select=False) is None:  # a notebook has one that shows figures
    matplotlib.use("Agg")  # files only: works without a display

# The palette of Okabe & Ito (2008), told apart by colour-blind readers; markers and dashes
# differ as well, for print in grey.
BLACK, ORANGE, BLUE, GREEN, RED = "#000000", "#E69F00", "#0072B2", "#009E73", "#D55E00"
STYLE: dict[Any, Any] = {
    "figure.dpi": 150,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
THRESHOLD = 0.01
"""In nats of a redundant dimension; the variance of an active unit's mean, too."""
WALK_BETAS, WALKED = (0.1, 1.0, 10.0), 4
"""At which β dimensions are walked along, and how many of the largest KL."""
WALK = torch.linspace(-3, 3, 9)


def draw_figures(
    sweep: dict[float, Run],
    rows: list[dict[str, float]],
    data: Dataset,
    variances: Tensor | None,
    out: Path,
) -> list[str]:
    """Draw every figure of parts 1 and 2 into a folder; those whose tasks are done.

    Args:
        sweep: whose pictures are drawn.
        rows: what `analysis.measure` gave, of this and perhaps of further sweeps.
        data: what the sweep was trained on.
        variances: the covariance spectrum of its test images; None without task 2.3.

    Returns:
        A sentence for each figure that needs a task not done yet.
    """
    encodings = {beta: encode(run.model, data.test_images) for beta, run in sweep.items()}
    shown = one_of_each_class(data)
    image = data.test_images[shown[-1]]
    drawings: dict[str, Callable[[], plt.Figure]] = {
        "rate_distortion": lambda: plot_rate_distortion(rows, data.test_images, variances),
        "reconstructions": lambda: plot_reconstructions(sweep, data.test_images[shown]),
        "interpolation": lambda: plot_interpolation(sweep, data, shown),
        "traversal": lambda: plot_traversals(sweep, image, encodings),
        "kl_per_dimension": lambda: plot_kl(encodings),
    }
    missing = []
    with plt.rc_context(STYLE):
        for name, draw in drawings.items():
            figure, lacks = attempt(draw)
            if lacks:
                plt.close("all")
                missing.append(f"{name}: {lacks}")
            else:
                save(figure, out / f"{name}.png")
    return missing


def one_of_each_class(data: Dataset, images: int = 10) -> list[int]:
    """Return the indices of that many test images, of each class in turn."""
    count = len(data.classes)
    of_class = [(data.test_labels == label).nonzero().flatten() for label in range(count)]
    rows = [of_class[i % count] for i in range(images)]
    return [int(own[i // count % len(own)]) for i, own in enumerate(rows)]


def save(figure: plt.Figure, path: Path) -> None:
    """Write a figure as PNG and, for print, as PDF beside it."""
    figure.savefig(path)
    figure.savefig(path.with_suffix(".pdf"))
    plt.close(figure)
    print(f"wrote {path} and .pdf")


@torch.no_grad()
def encode(model: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and log-variance of all images, each (N, d)."""
    parts = [model.encode(batch) for batch in images.split(1000)]
    means, log_vars = zip(*parts, strict=True)
    return torch.cat(means), torch.cat(log_vars)


def gaussian_references(
    images: Tensor, variances: Tensor | None
) -> dict[str, Callable[[float], float]]:
    """Return the rate in nats of each Gaussian reference as a function of the distortion.

    Args:
        images: shape (N, C, H, W).
        variances: their covariance spectrum, shape (C·H·W,); without it only what needs none.
    """
    pixels = images.flatten(1).double().var(0, correction=0)
    own = {"independent Gaussian pixels": lambda d: reverse_water_filling(pixels, d).rate}
    if variances is None:
        return own
    return {
        "white Gaussian R(D)": lambda d: white_gaussian_rate(variances, d),
        **own,
        "Gaussian R(D) on the PCA spectrum": lambda d: reverse_water_filling(variances, d).rate,
    }


def plot_rate_distortion(
    rows: list[dict[str, float]], images: Tensor, variances: Tensor | None
) -> plt.Figure:
    """Plot the sweep in the rate-distortion plane, beside the Gaussian references.

    To the left the rate is logarithmic, so that every reference is seen; to the right it is linear,
    where the curves are convex and the slope is the price. Where there are several sweeps, a point
    is their mean and its bars their standard deviation.
    """
    figure, grid = plt.subplots(1, 2, figsize=(9.6, 5.4))
    references = _reference_curves(rows, images, variances)
    for axes in grid:
        _draw_plane(axes, rows, references)
    rates = [row["rate"] for row in rows]
    grid[0].set(yscale="log", ylabel="rate R (nats per image)", title="logarithmic rate")
    grid[0].set_ylim(bottom=max(0.5 * min(rates), 1e-3))
    grid[1].set(ylim=(0, 1.15 * max(rates)), xlim=(0, None), title="linear rate")
    grid[1].set_ylabel("rate R (nats per image)")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _reference_curves(
    rows: list[dict[str, float]], images: Tensor, variances: Tensor | None
) -> dict[str, tuple[np.ndarray, list[float]]]:
    """Return distortions and rates of each Gaussian reference whose functions are written."""
    distortions = [row["distortion"] for row in rows]
    total = images.flatten(1).double().var(0, correction=0).sum().item()
    grid = np.linspace(0.6 * min(distortions), 0.97 * total, 100)
    curves = {}
    for label, rate_at in gaussian_references(images, variances).items():
        rates, lacks = attempt(partial(list, map(rate_at, grid)))
        if not lacks:
            curves[label] = grid, rates
    return curves


def _draw_plane(
    axes: plt.Axes, rows: list[dict], references: dict[str, tuple[np.ndarray, list[float]]]
) -> None:
    looks = {"white": (":", BLACK), "independent": ("-.", ORANGE), "Gaussian": ("--", BLUE)}
    for label, curve in references.items():
        style, colour = looks[label.split()[0]]
        axes.plot(*curve, style, color=colour, label=label)
    betas = sorted({row["beta"] for row in rows})
    spread, middle = (
        {
            key: np.array([of([r[key] for r in rows if r["beta"] == beta]) for beta in betas])
            for key in ("distortion", "rate", "linear_distortion", "linear_rate")
        }
        for of in (np.std, np.mean)
    )
    if np.isfinite(middle["linear_rate"]).all():
        point = middle["linear_distortion"], middle["linear_rate"]
        axes.plot(*point, "s", color=GREEN, mfc="none", label="linear β-VAE in closed form")
    x, y = middle["distortion"], middle["rate"]
    if len(rows) > len(betas):
        bars = spread["rate"], spread["distortion"]
        axes.errorbar(x, y, *bars, fmt="o-", color=RED, capsize=2, label="these sweeps, mean ± σ")
    else:
        axes.plot(x, y, "o-", color=RED, label="this sweep")
    _label_betas(axes, betas, x, y)
    axes.set(xlabel="distortion D (squared error per image)")


def _label_betas(axes: plt.Axes, betas: list[float], x, y) -> None:
    """Name the points, on the side where no reference is."""
    for beta, distortion, rate in zip(betas, x, y, strict=True):
        axes.annotate(
            f"β = {beta:g}",
            (distortion, rate),
            (-6, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=9,
        )


def _image_grid(
    rows: list[Tensor], row_labels: list[str], title: str, column_labels: Sequence[str] = ()
) -> plt.Figure:
    """Plot rows of images, each (k, C, H, W), with labels to the left of rows and above columns."""
    figure, grid = plt.subplots(
        len(rows), len(rows[0]), squeeze=False, figsize=(0.7 * len(rows[0]) + 1.0, 0.75 * len(rows))
    )
    for axes_row, images, label in zip(grid, rows, row_labels, strict=True):
        for axes, image in zip(axes_row, images, strict=True):
            axes.imshow(image.movedim(0, -1).numpy(), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        axes_row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    for axes, label in zip(grid[0], column_labels, strict=False):
        axes.set_title(label, fontsize=9)
    figure.suptitle(title)
    return figure


@torch.no_grad()
def plot_reconstructions(sweep: dict[float, Run], images: Tensor) -> plt.Figure:
    """Plot one image of each class, and what the lowest and the highest rate leave of it."""
    rows, row_labels = [images], ["original"]
    for beta in (min(sweep), max(sweep)):
        model = sweep[beta].model
        rows.append(model.decode(model.encode(images)[0]))
        row_labels.append(f"β = {beta:g}")
    return _image_grid(rows, row_labels, "Reconstructions of test images")


@torch.no_grad()
def plot_interpolation(sweep: dict[float, Run], data: Dataset, shown: list[int]) -> plt.Figure:
    """Plot straight lines in the latent space between two images, at a high and a low rate."""
    rows, names = [], []
    for pair in ([shown[0], shown[1]], [shown[5], shown[9]]):
        classes = " – ".join(data.classes[data.test_labels[i]] for i in pair)
        for beta in (min(sweep), max(sweep)):
            model = sweep[beta].model
            start, end = model.encode(data.test_images[pair])[0]
            rows.append(model.decode(interpolate(start, end, 9)))
            names.append(f"{classes}, β = {beta:g}")
    shares = [f"{share:g}" for share in torch.linspace(0, 1, 9).tolist()]
    return _image_grid(rows, names, "Interpolation in the latent space", shares)


@torch.no_grad()
def plot_traversals(
    sweep: dict[float, Run],
    image: Tensor,
    encodings: dict[float, tuple[Tensor, Tensor]],
    betas: Sequence[float] = WALK_BETAS,
) -> plt.Figure:
    """Plot one dimension at a time from −3 to 3, at several β: those of largest KL, and the least.

    Args:
        image: from whose code the walks start, shape (C, H, W).
        encodings: mean and log-variance of all test images, for each β.
    """
    rows, names = [], []
    for beta in betas:
        model = sweep[beta].model
        kl = gaussian_kl(*encodings[beta]).mean(0)
        order = kl.argsort(descending=True).tolist()
        z = model.encode(image.unsqueeze(0))[0][0]
        active = [dimension for dimension in order[:WALKED] if kl[dimension] >= THRESHOLD]
        for dimension in dict.fromkeys([*active, order[-1]]):
            rows.append(model.decode(traverse(z, dimension, WALK)))
            names.append(f"β = {beta:g}, z{dimension} ({kl[dimension]:.2f} nats)")
    title = "One dimension of the code at a time, the others as they are"
    return _image_grid(rows, names, title, [f"{value:g}" for value in WALK.tolist()])


def plot_kl(encodings: dict[float, tuple[Tensor, Tensor]]) -> plt.Figure:
    """Plot the mean KL of each latent dimension, sorted, for every β."""
    figure, axes = plt.subplots(figsize=(6.4, 4.2))
    colours = plt.get_cmap("cividis")(np.linspace(0, 0.9, len(encodings)))
    for (beta, encoding), colour, marker in zip(encodings.items(), colours, "osD^vP", strict=True):
        kl = gaussian_kl(*encoding).mean(0).sort(descending=True).values
        idle = len(redundant_dimensions(*encoding, THRESHOLD))
        label = f"β = {beta:g}: {idle} redundant"
        axes.plot(range(1, len(kl) + 1), kl.numpy(), marker + "-", color=colour, ms=4, label=label)
    axes.axhline(THRESHOLD, color=BLACK, ls=":", lw=1)
    axes.set(xlabel="latent dimension, sorted by KL", ylabel="mean KL (nats)", yscale="log")
    figure.legend(loc="outside upper center", ncols=3)
    return figure
