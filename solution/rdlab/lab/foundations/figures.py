"""The figures of part 4, as PNG and PDF. Given code."""

import matplotlib.pyplot as plt
import torch
from torch import Tensor

from rdlab.foundations import latent_grid
from rdlab.lab.data import Dataset
from rdlab.lab.figures import BLACK, BLUE, GREEN, ORANGE, RED
from rdlab.lab.foundations.folders import Run
from rdlab.lab.foundations.measure import THRESHOLD
from rdlab.lab.foundations.pictures import decoded_images, sheet

# Ten colours that colour-blind readers can tell apart as far as ten can be (after Paul Tol);
# marker and written name differ as well.
CLASS_COLOURS = (
    "#332288",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#999933",
    "#DDCC77",
    "#CC6677",
    "#882255",
    "#AA4499",
    "#777777",
)
MARKERS = "osD^vP*X<>"
GRID, EXTENT, SHOWN_EXTENT = 20, 2.0, 4.0


def plot_losses(run: Run, optimum: float | None = None) -> plt.Figure:
    """Draw training and test loss of a run, epoch by epoch.

    Args:
        optimum: the loss of the best linear Gaussian VAE on the test images, if there is one.
    """
    figure, axes = plt.subplots(figsize=(5.6, 3.6))
    epochs = [row["epoch"] for row in run.metrics]
    for key, label, style, colour in (
        ("train_loss", "training images", "--", BLUE),
        ("test_loss", "test images", "-", RED),
    ):
        axes.plot(epochs, [row[key] for row in run.metrics], style, color=colour, label=label)
    if optimum is not None:
        axes.axhline(optimum, color=GREEN, ls=":", label="best linear model, closed form")
    losses = sorted(row[key] for row in run.metrics for key in ("train_loss", "test_loss"))
    if len(losses) > 20:  # leaves out what only the first epochs reach
        axes.set_ylim(losses[0] - 1, losses[int(0.97 * len(losses))])
    axes.set(xlabel="epoch", ylabel="loss (nats per image)", title=run.folder.name)
    axes.legend()
    return figure


def plot_codes(run: Run, codes: Tensor, data: Dataset) -> plt.Figure:
    """Draw the test images' codes by class: within ±4 on both axes, and all of them.

    Args:
        codes: posterior means, shape (N, 2).
    """
    figure, both = plt.subplots(1, 2, figsize=(9.6, 4.8))
    reach = 1.05 * codes.abs().max().item()
    for axes, extent in zip(both, (SHOWN_EXTENT, max(reach, SHOWN_EXTENT)), strict=True):
        for label, name in enumerate(data.classes):
            own = codes[data.test_labels == label]
            if not len(own):
                continue
            axes.scatter(
                *own.T,
                s=5,
                alpha=0.35,
                linewidths=0,
                rasterized=True,
                color=CLASS_COLOURS[label % 10],
                marker=MARKERS[label % 10],
            )
            centre = own.median(0).values
            if centre.abs().max() < extent:
                axes.annotate(
                    name,
                    centre,
                    ha="center",
                    fontsize=8,
                    weight="bold",
                    bbox={"fc": "white", "ec": "none", "alpha": 0.6, "pad": 1},
                )
        axes.set(xlim=(-extent, extent), ylim=(-extent, extent), xlabel="z₁", ylabel="z₂")
    inside = (codes.abs() <= EXTENT).all(1).float().mean().item()
    both[0].set_title(f"±{SHOWN_EXTENT:g}: {inside:.0%} of the codes lie in [−2, 2]²")
    both[1].set_title("all codes")
    figure.suptitle(run.folder.name)
    return figure


def plot_manifold(run: Run, shape: tuple[int, ...], codes: Tensor | None = None) -> plt.Figure:
    """Draw 20 × 20 pictures decoded from your `latent_grid`.

    Args:
        shape: (C, H, W) of a picture.
        codes: spread the grid over the central 95 % of these, coordinate by coordinate, in
            place of [−2, 2]²; shape (N, 2).
    """
    low, high = torch.full((2,), -EXTENT), torch.full((2,), EXTENT)
    if codes is not None:
        low, high = torch.quantile(codes, torch.tensor([0.025, 0.975]), dim=0)
    points = latent_grid(GRID, GRID, 1.0) * (high - low) / 2 + (high + low) / 2
    pixels = sheet(decoded_images(run.model, points, run.config, shape), GRID)
    figure, axes = plt.subplots(figsize=(6.4, 6.4))
    axes.imshow(
        pixels.numpy(),
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="nearest",
        extent=(low[0].item(), high[0].item(), low[1].item(), high[1].item()),
        aspect="auto",
    )
    axes.grid(visible=False)
    axes.set(xlabel="z₁", ylabel="z₂", title=run.folder.name)
    return figure


def plot_components(runs: list[Run], theory: Tensor) -> plt.Figure:
    """Draw the KL of each latent component as a histogram, sorted, beside the linear theory.

    Args:
        runs: Gaussian ones.
        theory: KL of each component of the best linear model, descending, in nats.
    """
    figure, (bars, counts) = plt.subplots(1, 2, figsize=(9.6, 3.9), width_ratios=(2, 1))
    looks = ((ORANGE, "//"), (BLUE, ""), (GREEN, ".."))
    width = 0.8 / max(len(runs), 1)
    edges = torch.cat([torch.zeros(1), torch.logspace(-2, 1, 16)]).numpy()
    histograms, colours = [], []
    for place, (run, (colour, hatch)) in enumerate(zip(runs, looks, strict=False)):
        kl = sorted(run.summary["kl"], reverse=True)
        at = [i + 1 + (place - (len(runs) - 1) / 2) * width for i in range(len(kl))]
        label = f"{run.config['type']}: {run.summary['active']} of {len(kl)} active"
        bars.bar(at, kl, width, color=colour, hatch=hatch, edgecolor="white", label=label)
        histograms.append(kl)
        colours.append(colour)
    active = int((theory > THRESHOLD).sum())
    bars.plot(
        range(1, len(theory) + 1),
        theory.numpy(),
        "k_",
        ms=8,
        label=f"linear theory: {active} active",
    )
    bars.set(xlabel="latent component, sorted", ylabel="mean KL (nats)")
    bars.legend()
    counts.hist(histograms, bins=edges, color=colours)
    counts.hist([theory.numpy()], bins=edges, histtype="step", color=BLACK)
    counts.set_xscale("symlog", linthresh=THRESHOLD)
    counts.set(xlabel="KL (nats); below 0.01 silent", ylabel="number of components")
    return figure


def plot_chain(tables: dict[tuple[str, str], list[dict]], title: str) -> plt.Figure:
    """Draw where the chains go: variance of the active latents and distance to the training images.

    Args:
        tables: the rows of `chain.measure` for each (type, how).
    """
    figure, both = plt.subplots(1, 2, figsize=(9.6, 3.9))
    colours = {"linear": ORANGE, "deep": BLUE, "conv": GREEN}
    for (kind, how), rows in tables.items():
        style = "o-" if how == "as stated" else "s--"
        for axes, key in zip(both, ("active_variance", "distance"), strict=True):
            axes.plot(
                [row["round"] for row in rows],
                [row[key] for row in rows],
                style,
                ms=4,
                color=colours.get(kind, BLACK),
                mfc="none",
                label=f"{kind}, {how}",
            )
    both[0].axhline(1, color=BLACK, ls=":", lw=1)
    both[0].set(ylabel="variance of the active latents")
    both[1].set(ylabel="squared distance to the nearest image")
    for axes in both:
        axes.set_xscale("symlog", linthresh=1)
        axes.set(xlabel="rounds", yscale="log", xlim=(-0.1, None))
    both[0].legend(fontsize=8)
    figure.suptitle(title)
    return figure


def plot_memory(found: Tensor, theory: Tensor) -> plt.Figure:
    """Draw what a round leaves of each component of the linear model, beside 1 − σ²/λ.

    Args:
        found: correlation with itself one round later, components sorted by KL, shape (k,).
        theory: of the best linear model, shape (k,).
    """
    figure, axes = plt.subplots(figsize=(5.6, 3.6))
    places = range(1, len(found) + 1)
    axes.plot(places, theory.numpy(), "k_", ms=9, label="theory, 1 − σ²/λ")
    axes.plot(places, found.numpy(), "o", color=ORANGE, mfc="none", label="64 chains")
    axes.set(xlabel="latent component, sorted by KL", ylabel="correlation after one round")
    axes.legend()
    return figure


def plot_samples(pictures: dict[str, Tensor]) -> plt.Figure:
    """Draw sheets of pictures decoded from N(0, I), one per run, side by side.

    Args:
        pictures: title to pixels, uint8.
    """
    figure, row = plt.subplots(1, len(pictures), squeeze=False, figsize=(3.2 * len(pictures), 3.5))
    for axes, (title, pixels) in zip(row[0], pictures.items(), strict=True):
        axes.imshow(pixels.numpy(), cmap="gray", vmin=0, vmax=255)
        axes.set(xticks=[], yticks=[], title=title)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
    return figure
