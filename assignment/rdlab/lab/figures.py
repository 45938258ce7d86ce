"""The figures of parts 1 and 2, drawn with your functions. Given code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # files only: works without a display

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn

from rdlab.evaluation import redundant_dimensions
from rdlab.gaussian import gaussian_kl
from rdlab.lab.data import Dataset
from rdlab.lab.runs import Run
from rdlab.latents import interpolate, traverse
from rdlab.rate_distortion import (
    covariance_spectrum,
    reverse_water_filling,
    white_gaussian_rate,
)

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
WALK_BETA = 1.0
WALK = torch.linspace(-3, 3, 9)


def draw_figures(
    sweep: dict[float, Run], rows: list[dict[str, float]], data: Dataset, out: Path
) -> None:
    """Draw every figure of parts 1 and 2 into a folder.

    Args:
        sweep: whose pictures are drawn.
        rows: what `analysis.measure` gave, of this and perhaps of further sweeps.
        data: what the sweep was trained on.
    """
    encodings = {beta: encode(run.model, data.test_images) for beta, run in sweep.items()}
    variances = covariance_spectrum(data.test_images)
    shown = one_of_each_class(data)
    walker = sweep[WALK_BETA].model
    with plt.rc_context(STYLE):
        figures = {
            "rate_distortion": plot_rate_distortion(rows, data.test_images, variances),
            "reconstructions": plot_reconstructions(sweep, data.test_images[shown]),
            "interpolation": plot_interpolation(sweep, data, shown),
            "traversal": plot_traversal(walker, data.test_images[shown[-1]], encodings[WALK_BETA]),
            "kl_per_dimension": plot_kl(encodings),
        }
        for name, figure in figures.items():
            save(figure, out / f"{name}.png")


def one_of_each_class(data: Dataset, images: int = 10) -> list[int]:
    """Indices of that many test images, of each class in turn."""
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
    """Mean and log-variance of all images, each (N, d)."""
    parts = [model.encode(batch) for batch in images.split(1000)]
    means, log_vars = zip(*parts, strict=True)
    return torch.cat(means), torch.cat(log_vars)


def gaussian_references(images: Tensor, variances: Tensor) -> dict[str, Callable[[float], float]]:
    """The rate in nats of each Gaussian reference as a function of the distortion.

    Args:
        images: shape (N, C, H, W).
        variances: their covariance spectrum, shape (C·H·W,).
    """
    pixels = images.flatten(1).double().var(0, correction=0)
    return {
        "white Gaussian R(D)": lambda d: white_gaussian_rate(variances, d),
        "independent Gaussian pixels": lambda d: reverse_water_filling(pixels, d).rate,
        "Gaussian R(D) on the PCA spectrum": lambda d: reverse_water_filling(variances, d).rate,
    }


def plot_rate_distortion(
    rows: list[dict[str, float]], images: Tensor, variances: Tensor
) -> plt.Figure:
    """The sweep in the rate-distortion plane, beside the Gaussian references.

    Where there are several sweeps, a point is their mean and its bars their standard deviation.
    """
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    distortions = [row["distortion"] for row in rows]
    grid = np.linspace(0.6 * min(distortions), 0.97 * variances.sum().item(), 100)
    references = gaussian_references(images, variances).items()
    looks = ((":", BLACK), ("-.", ORANGE), ("--", BLUE))
    for (label, rate_at), (style, colour) in zip(references, looks, strict=True):
        axes.plot(grid, [rate_at(d) for d in grid], style, color=colour, label=label)
    betas = sorted({row["beta"] for row in rows})
    means, spreads = (
        {
            key: [function([row[key] for row in rows if row["beta"] == beta]) for beta in betas]
            for key in ("distortion", "rate", "linear_distortion", "linear_rate")
        }
        for function in (np.mean, np.std)
    )
    axes.plot(
        means["linear_distortion"],
        means["linear_rate"],
        "s",
        color=GREEN,
        mfc="none",
        label="linear β-VAE in closed form",
    )
    axes.errorbar(
        means["distortion"],
        means["rate"],
        spreads["rate"],
        spreads["distortion"],
        "o-",
        color=RED,
        capsize=2,
        label="this sweep",
    )
    for beta, rate, distortion in zip(betas, means["rate"], means["distortion"], strict=True):
        axes.annotate(
            f"β = {beta:g}", (distortion, rate), (-5, -9), textcoords="offset points", ha="right"
        )
    axes.set(
        xlabel="distortion D (squared error per image)",
        ylabel="rate R (nats per image)",
        yscale="log",
    )
    axes.legend()
    return figure


def _image_grid(rows: list[Tensor], row_labels: list[str], title: str) -> plt.Figure:
    """Rows of images, each (k, C, H, W), with a label to the left of each row."""
    figure, grid = plt.subplots(
        len(rows), len(rows[0]), squeeze=False, figsize=(0.7 * len(rows[0]) + 1.0, 0.75 * len(rows))
    )
    for axes_row, images, label in zip(grid, rows, row_labels, strict=True):
        for axes, image in zip(axes_row, images, strict=True):
            axes.imshow(image.movedim(0, -1).numpy(), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        axes_row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    figure.suptitle(title)
    return figure


@torch.no_grad()
def plot_reconstructions(sweep: dict[float, Run], images: Tensor) -> plt.Figure:
    """One image of each class, and what the lowest and the highest rate leave of it."""
    rows, row_labels = [images], ["original"]
    for beta in (min(sweep), max(sweep)):
        model = sweep[beta].model
        rows.append(model.decode(model.encode(images)[0]))
        row_labels.append(f"β = {beta:g}")
    return _image_grid(rows, row_labels, "Reconstructions of test images")


@torch.no_grad()
def plot_interpolation(sweep: dict[float, Run], data: Dataset, shown: list[int]) -> plt.Figure:
    """Straight lines in the latent space between two images, at a high and a low rate."""
    rows, names = [], []
    for pair in ([shown[0], shown[1]], [shown[5], shown[9]]):
        classes = " – ".join(data.classes[data.test_labels[i]] for i in pair)
        for beta in (min(sweep), max(sweep)):
            model = sweep[beta].model
            start, end = model.encode(data.test_images[pair])[0]
            rows.append(model.decode(interpolate(start, end, 9)))
            names.append(f"{classes}, β = {beta:g}")
    return _image_grid(rows, names, "Interpolation in the latent space")


@torch.no_grad()
def plot_traversal(model: nn.Module, image: Tensor, encodings: tuple[Tensor, Tensor]) -> plt.Figure:
    """One dimension at a time from −3 to 3: the six of the largest KL, and the least."""
    kl = gaussian_kl(*encodings).mean(0)
    order = kl.argsort(descending=True).tolist()
    z = model.encode(image.unsqueeze(0))[0][0]
    dimensions = [*order[:6], order[-1]]
    rows = [model.decode(traverse(z, dimension, WALK)) for dimension in dimensions]
    names = [f"z{dimension} ({kl[dimension]:.2f} nats)" for dimension in dimensions]
    return _image_grid(rows, names, f"One dimension from −3 to 3, β = {WALK_BETA:g}")


def plot_kl(encodings: dict[float, tuple[Tensor, Tensor]]) -> plt.Figure:
    """Mean KL of each latent dimension, sorted, for every β."""
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
