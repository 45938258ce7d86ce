"""The tables, figures and animations of part 4. Given code: it calls your functions."""

import csv
import math
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from PIL import Image
from torch import Tensor

from rdlab.lab.data import Dataset
from rdlab.lab.errors import LabError, not_done
from rdlab.lab.figures import STYLE, save
from rdlab.lab.foundations import chain, figures, folders
from rdlab.lab.foundations.data import load
from rdlab.lab.foundations.folders import Run
from rdlab.lab.foundations.measure import THRESHOLD, bounds, encode, theory
from rdlab.lab.foundations.networks import BERNOULLI
from rdlab.lab.foundations.pictures import sample_sheet, sheet
from rdlab.rate_distortion import covariance_spectrum

COLUMNS = (
    "run",
    "parameters",
    "train_elbo",
    "test_elbo",
    "kl",
    "active",
    "best_linear_train",
    "best_linear_test",
    "linear_active",
    "importance_bound",
    "elbo_of_the_same",
)
FRAME_MS = 120
GREY_STEP = 17


def report(out: Path, target: Path, data_folder: Path | None = None) -> None:
    """Measure and draw every run below a folder.

    Args:
        out: folder of the runs. Loss curves and manifolds go into the runs' own folders.
        target: folder for what compares them: tables, figures, animations.
        data_folder: see `data.load`.

    Raises:
        LabError: there is no run, or the runs are of different data sets.
    """
    runs = folders.read_all(out)
    data = load_of(runs, data_folder)
    target.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        rows = [measured(run, data) for run in runs]
        _write(target / "foundations.csv", rows)
        print_table(rows)
        for run, row in zip(runs, rows, strict=True):
            draw_run(run, row, data)
        draw_comparison(runs, data, target)
        follow_chains(
            [run for run in runs if run.config["type"] in ("linear", "deep")], data, target
        )


def load_of(runs: list[Run], data_folder: Path | None) -> Dataset:
    """Load the data set that all runs were trained on."""
    names = sorted({run.config["data"] for run in runs})
    if len(names) > 1:
        raise LabError(
            f"the runs were trained on {' and '.join(names)}: keep one data set per --out folder."
        )
    return load(names[0], data_folder)


def measured(run: Run, data: Dataset) -> dict:
    """Return a row of foundations.csv; what a run does not have is None.

    ELBOs are in nats per image, on the whole of both sets; the importance-weighted bound is of
    200 samples on the first 200 test images, beside the ELBO of the same samples.
    """
    summary, config = run.summary, run.config
    row = dict.fromkeys(COLUMNS) | {"run": run.folder.name, "parameters": summary["parameters"]}
    if config["type"] == "ae":
        return row
    row["train_elbo"], row["test_elbo"] = -summary["train_loss"], -summary["test_loss"]
    row["kl"], row["active"] = sum(summary["kl"]), summary["active"]
    try:
        row["elbo_of_the_same"], row["importance_bound"] = bounds(
            run.model, config, data.test_images
        )
    except NotImplementedError as error:  # the autoencoders' half of the part does without it
        print(f"{run.folder.name} has no importance-weighted bound: {not_done(error)}")
    if config["type"] in ("linear", "deep"):
        size = config["sigma"], config["latent_dim"]
        row["best_linear_train"], kl = theory(data.train_images, *size)
        row["best_linear_test"], _ = theory(data.test_images, *size)
        row["linear_active"] = int((kl > 0).sum())
    return row


def print_table(rows: list[dict]) -> None:
    """Print one line per run."""
    print(
        f"{'run':<40} parameters   train ELBO  test ELBO   best linear      KL  active  bound-200"
    )
    for row in rows:
        cells = [_text(row[key], 2) for key in ("train_elbo", "test_elbo", "best_linear_test")]
        gain = None
        if row["importance_bound"] is not None:
            gain = row["importance_bound"] - row["elbo_of_the_same"]
        print(
            f"{row['run']:<40} {row['parameters']:>10,} {cells[0]:>12} {cells[1]:>10} "
            f"{cells[2]:>13} {_text(row['kl'], 2):>7} {_text(row['active'], 0):>7} "
            f"{'' if gain is None else f'+{gain:.2f}':>10}"
        )


def _text(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _write(path: Path, rows: list[dict]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    print(f"wrote {path}")


def draw_run(run: Run, row: dict, data: Dataset) -> None:
    """Draw a run's loss curve, and its plane of codes if there is one, into its folder."""
    best = row["best_linear_test"]
    save(figures.plot_losses(run, None if best is None else -best), run.folder / "loss_curve.png")
    if run.config["type"] in BERNOULLI and run.config["latent_dim"] == 2:
        codes, _ = encode(run.model, run.config, data.test_images)
        shape = tuple(data.test_images.shape[1:])
        save(figures.plot_codes(run, codes, data), run.folder / "manifold.png")
        save(figures.plot_manifold(run, shape), run.folder / "manifold_digits.png")
        wide = figures.plot_manifold(run, shape, codes)
        save(wide, run.folder / "manifold_digits_95.png")


def draw_comparison(runs: list[Run], data: Dataset, target: Path) -> None:
    """Draw KL per component beside the theory, and samples of all runs side by side."""
    gaussian = [run for run in runs if run.config["type"] in ("linear", "deep")]
    if gaussian:
        first = gaussian[0].config
        _, kl = theory(data.train_images, first["sigma"], first["latent_dim"])
        save(figures.plot_components(gaussian, kl), target / "kl_components.png")
    sheets = {f"{run.config['type']}": sample_sheet(run.model, run.config, data) for run in runs}
    save(figures.plot_samples(sheets), target / "samples.png")


def follow_chains(runs: list[Run], data: Dataset, target: Path) -> None:
    """Follow the chains of each Gaussian run as stated and with clamped means; say where they go.

    Writes chain.csv, chain.png, an animation per run and way, and, of a linear run, how fast its
    components forget.
    """
    tables, rows = {}, []
    for run in runs:
        kl = torch.tensor(run.summary["kl"])
        for how in (chain.AS_STATED, chain.CLAMPED):
            followed = chain.follow(run.model, run.config, how, chain.CHAINS, chain.ROUNDS)
            table = chain_table(run, followed, data)
            tables[run.config["type"], how] = table
            rows += [{"run": run.folder.name, "how": how, **row} for row in table]
            name = f"chain_{run.config['type']}_{how.replace(' ', '_')}.gif"
            animate(followed.pictures, tuple(data.test_images.shape[1:]), target / name)
            print(_where(run, how, table))
            if run.config["type"] == "linear" and how == chain.AS_STATED:
                _draw_memory(run, followed, kl, data, target)
    if rows:
        _write(target / "chain.csv", rows)
        title = f"{chain.CHAINS} chains from the prior; dotted: the prior's variance"
        save(figures.plot_chain(tables, title), target / "chain.png")


def chain_table(run: Run, followed: chain.Chain, data: Dataset) -> list[dict]:
    """Measure where the chains of a Gaussian run are, round by round: see `chain.measure`."""
    kl = torch.tensor(run.summary["kl"])
    active = (kl >= THRESHOLD).nonzero().flatten().tolist() or [0]
    images, labels = data.train_images, data.train_labels
    return chain.measure(followed, active, images, labels, run.config, run.model)


def _where(run: Run, how: str, table: list[dict]) -> str:
    first, last = table[0], table[-1]
    text = (
        f"{run.folder.name}, {how}: from round 0 to {last['round']} the variance of the active "
        f"latents goes from {first['active_variance']:.2f} to {last['active_variance']:.3g}, the "
        f"squared distance to the nearest training image from {first['distance']:.1f} to "
        f"{last['distance']:.1f}, the classes seen from {first['classes']} to {last['classes']}"
    )
    if not math.isfinite(last["active_variance"]):
        return f"{text}: some chain has run away to infinity."
    if run.config["type"] == "linear" and how == chain.AS_STATED:
        radius = chain.spectral_radius(run.model)
        return f"{text}; its round trip has the spectral radius {radius:.3f}."
    return f"{text}."


def _draw_memory(run: Run, followed: chain.Chain, kl: Tensor, data: Dataset, target: Path) -> None:
    variances = covariance_spectrum(data.train_images.flatten(1).double())
    expected = 1 - run.config["sigma"] ** 2 / variances[: run.config["latent_dim"]]
    count = max(1, int((expected > 0).sum()))
    found = chain.memory(followed)[kl.argsort(descending=True)][:count]
    save(figures.plot_memory(found, expected[:count]), target / "chain_memory.png")


def animate(pictures: Tensor, shape: tuple[int, ...], path: Path) -> None:
    """Write an animation, a frame per round: 8 × 8 chains, in place.

    Args:
        pictures: shape (frames, chains, n).
        shape: (C, H, W) of a picture.
    """
    sheets = [sheet(frame.reshape(-1, *shape), 8) for frame in pictures]
    if shape[0] == 1:  # few greys: a file a quarter as large
        sheets = [(pixels // GREY_STEP).clamp(max=15) * GREY_STEP for pixels in sheets]
    frames = [Image.fromarray(pixels.numpy()) for pixels in sheets]
    scale = 2 if max(shape[1:]) < 40 else 1
    frames = [
        frame.resize([scale * side for side in frame.size], Image.Resampling.NEAREST)
        for frame in frames
    ]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0)
    print(f"wrote {path}")
