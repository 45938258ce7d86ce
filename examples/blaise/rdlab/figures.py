"""The figures of parts 1 and 2, from the runs and your functions. Given code."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # files only: works without a display

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn

from rdlab.data import load_images
from rdlab.evaluation import redundant_dimensions
from rdlab.gaussian import gaussian_kl
from rdlab.latents import interpolate, traverse
from rdlab.rate_distortion import (
    covariance_spectrum,
    excess_rate,
    linear_vae_point,
    reverse_water_filling,
    white_gaussian_rate,
)
from rdlab.runs import Run, load_sweep

# The palette of Okabe & Ito (2008), told apart by colour-blind readers; markers and dashes
# differ as well, for print in grey.
BLACK, ORANGE, BLUE, GREEN, RED = "#000000", "#E69F00", "#0072B2", "#009E73", "#D55E00"
STYLE = {
    "figure.dpi": 150, "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.alpha": 0.3, "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
THRESHOLD = 0.01
WALK_BETA = 1.0
WALK = torch.linspace(-3, 3, 9)


def draw_figures(runs: Path, out: Path) -> int:
    """Draw every figure of parts 1 and 2 from a finished sweep into a folder."""
    sweep = load_sweep(runs)
    data = load_images()
    images, labels = data.test_images, data.test_labels
    encodings = {beta: encode(run.model, images) for beta, run in sweep.items()}
    out.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        variances = covariance_spectrum(images)
        print_table(sweep, variances, encodings)
        chosen = torch.stack([images[labels == label][0] for label in range(10)])
        walker = sweep[WALK_BETA].model
        figures = {
            "rate_distortion": plot_rate_distortion(sweep, variances),
            "reconstructions": plot_reconstructions(sweep, chosen),
            "interpolation": plot_interpolation(walker, chosen),
            "traversal": plot_traversal(walker, chosen[9], encodings[WALK_BETA]),
            "kl_per_dimension": plot_kl(encodings),
        }
        for name, figure in figures.items():
            save(figure, out / f"{name}.png")
    return 0


def save(figure: plt.Figure, path: Path) -> None:
    """Write a figure and say so."""
    figure.savefig(path)
    plt.close(figure)
    print(f"wrote {path}")


@torch.no_grad()
def encode(model: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and log-variance of all images, each (N, d)."""
    parts = [model.encode(batch) for batch in images.split(1000)]
    means, log_vars = zip(*parts, strict=True)
    return torch.cat(means), torch.cat(log_vars)


def _point(run: Run) -> tuple[float, float]:
    return run.metrics[-1]["test_rate"], run.metrics[-1]["test_distortion"]


def print_table(sweep: dict[float, Run], variances: Tensor, encodings: dict) -> None:
    """One line per β: where it lies, against the Gaussian limit, and how many dimensions idle."""
    print("   β   R (nats)       D   R − water-filling   redundant dimensions")
    for beta, run in sweep.items():
        rate, distortion = _point(run)
        excess = excess_rate(rate, distortion, variances)
        idle = len(redundant_dimensions(*encodings[beta], THRESHOLD))
        size = run.config["latent_dim"]
        print(f"{beta:4g} {rate:10.2f} {distortion:7.2f} {excess:19.2f} {idle:15d} of {size}")


def plot_rate_distortion(sweep: dict[float, Run], variances: Tensor) -> plt.Figure:
    """The sweep in the rate-distortion plane, beside the Gaussian references."""
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    rates, distortions = zip(*map(_point, sweep.values()), strict=True)
    grid = np.linspace(0.6 * min(distortions), 0.97 * variances.sum().item(), 100)
    white = [white_gaussian_rate(variances, d) for d in grid]
    water = [reverse_water_filling(variances, d).rate for d in grid]
    size = sweep[WALK_BETA].config["latent_dim"]
    linear = [linear_vae_point(variances, beta, latent_dim=size) for beta in sweep]
    axes.plot(grid, white, ":", color=BLACK, label="white Gaussian R(D)")
    axes.plot(grid, water, "--", color=BLUE, label="Gaussian R(D) on the PCA spectrum")
    axes.plot(*zip(*[(d, r) for r, d in linear], strict=True), "s", color=GREEN, mfc="none",
              label=f"linear β-VAE in closed form, d = {size}")  # fmt: skip
    axes.plot(distortions, rates, "o-", color=RED, label="this sweep")
    for beta, rate, distortion in zip(sweep, rates, distortions, strict=True):
        axes.annotate(f"β = {beta:g}", (distortion, rate), (-5, -9),
                      textcoords="offset points", ha="right")  # fmt: skip
    axes.set(xlabel="distortion D (squared error per image)", ylabel="rate R (nats per image)",
             yscale="log")  # fmt: skip
    axes.legend()
    return figure


def _image_grid(rows: list[Tensor], row_labels: list[str], title: str) -> plt.Figure:
    """Rows of images, each (k, 1, 28, 28), with a label to the left of each row."""
    figure, grid = plt.subplots(
        len(rows), len(rows[0]), squeeze=False, figsize=(0.7 * len(rows[0]) + 1.0, 0.75 * len(rows))
    )
    for axes_row, images, label in zip(grid, rows, row_labels, strict=True):
        for axes, image in zip(axes_row, images, strict=True):
            axes.imshow(image.squeeze().numpy(), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        axes_row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    figure.suptitle(title)
    return figure


@torch.no_grad()
def plot_reconstructions(sweep: dict[float, Run], images: Tensor) -> plt.Figure:
    """One image of each class, and what the cheapest and the dearest rate leave of it."""
    rows, row_labels = [images], ["original"]
    for beta in (min(sweep), max(sweep)):
        model = sweep[beta].model
        rows.append(model.decode(model.encode(images)[0]))
        row_labels.append(f"β = {beta:g}")
    return _image_grid(rows, row_labels, "Reconstructions of test images")


@torch.no_grad()
def plot_interpolation(model: nn.Module, images: Tensor) -> plt.Figure:
    """Straight lines in the latent space between images of two classes."""
    pairs = [(0, 1), (5, 9), (6, 8)]
    z = model.encode(images)[0]
    rows = [model.decode(interpolate(z[start], z[end], 9)) for start, end in pairs]
    names = ["T-shirt – trouser", "sandal – boot", "shirt – bag"]
    return _image_grid(rows, names, f"Interpolation in the latent space, β = {WALK_BETA:g}")


@torch.no_grad()
def plot_traversal(
    model: nn.Module, image: Tensor, encodings: tuple[Tensor, Tensor]
) -> plt.Figure:
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
