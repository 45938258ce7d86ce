"""The measurements of part 2 on one or several finished sweeps, with your functions. Given code."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from torch import Tensor, nn
from tqdm import tqdm

from rdlab.bits_back import (
    AnsCoder,
    bits_back_decode,
    bits_back_encode,
    message_bits,
    pixel_bits,
)
from rdlab.evaluation import redundant_dimensions
from rdlab.gaussian import gaussian_kl
from rdlab.lab.data import load_images
from rdlab.lab.errors import LabError, attempt
from rdlab.lab.figures import THRESHOLD, draw_figures, encode
from rdlab.lab.runs import Run, load_sweep
from rdlab.rate_distortion import (
    covariance_spectrum,
    excess_rate,
    linear_vae_point,
    reverse_water_filling,
    white_gaussian_rate,
)

CODED_IMAGES, CODED_VALUES = 1000, 784_000
"""At most are coded of each run: fewer photographs, in the time that Fashion-MNIST takes."""
SPECTRAL = (
    "linear_rate",
    "linear_distortion",
    "linear_cost",
    "white_rate",
    "water_filling_rate",
    "excess_rate",
)
"""Columns that need the covariance spectrum, task 2.3."""
INITIAL_WORDS = 64  # of 32 random bits: what the first image pops its latent from


def analyse(folders: list[Path], out: Path, data_folder: Path | None = None) -> int:
    """Write analysis.csv, a row per run, print a line per β, and draw the figures.

    Args:
        folders: of one finished sweep each, such as one per seed; they may differ in nothing else
            that matters to you. Pictures are drawn from the first.
        out: folder to write to.
        data_folder: see `load_images`.
    """
    sweeps = [load_sweep(folder) for folder in folders]
    first = next(iter(sweeps[0].values())).config
    data = load_images(first["data"], data_folder)
    missing: list[str] = []
    variances, lacks = attempt(lambda: covariance_spectrum(data.test_images))
    runs = [run for sweep in sweeps for run in sweep.values()]
    bar = tqdm(runs, desc="analysing", unit="run")
    rows = [measure(run, data.test_images, variances, missing) for run in bar]
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "analysis.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    print_table(rows)
    print(f"wrote {out / 'analysis.csv'}")
    missing += draw_figures(sweeps[0], rows, data, variances, out)
    for sentence in dict.fromkeys(sentence for sentence in [lacks, *missing] if sentence):
        print(f"not shown yet: {sentence}")
    return 0


def measure(
    run: Run, images: Tensor, variances: Tensor | None, missing: list[str] | None = None
) -> dict[str, float]:
    """Measure all that part 2 asks of one run; nan where it needs a task that is not done yet.

    Args:
        images: the test images, shape (N, C, H, W).
        variances: their covariance spectrum, shape (C·H·W,), None without task 2.3.
        missing: to which a sentence is added for each such task.

    Returns:
        Rates in nats per image, distortions in squared error per image, code lengths in bits
        per image (or per pixel, where the name says so).
    """
    rate, distortion = run.metrics[-1]["test_rate"], run.metrics[-1]["test_distortion"]
    row: dict[str, float] = {
        "beta": run.config["beta"],
        "seed": run.config["seed"],
        "parameters": sum(parameter.numel() for parameter in run.model.parameters()),
        "rate": rate,
        "distortion": distortion,
        "cost": distortion + run.config["beta"] * rate,
    }
    groups = _on_images(run, images)
    if variances is None:
        row |= dict.fromkeys(SPECTRAL, math.nan)
    else:
        groups |= _against_spectrum(run, variances)
    for names, work in groups.items():
        values, lacks = attempt(work)
        row |= dict(zip(names, values or [math.nan] * len(names), strict=True))
        if lacks and missing is not None:
            missing.append(lacks)
    return row


Groups = dict[tuple[str, ...], Callable[[], tuple]]
"""How each group of columns is measured."""


def _against_spectrum(run: Run, variances: Tensor) -> Groups:
    rate, distortion = run.metrics[-1]["test_rate"], run.metrics[-1]["test_distortion"]
    beta, latent_dim = run.config["beta"], run.config["latent_dim"]

    def linear() -> tuple:
        point = linear_vae_point(variances, beta, latent_dim=latent_dim)
        return *point, point[1] + beta * point[0]

    return {
        SPECTRAL[:3]: linear,
        SPECTRAL[3:4]: lambda: (white_gaussian_rate(variances, distortion),),
        SPECTRAL[4:5]: lambda: (reverse_water_filling(variances, distortion).rate,),
        SPECTRAL[5:]: lambda: (excess_rate(rate, distortion, variances),),
    }


def _on_images(run: Run, images: Tensor) -> Groups:
    latent_dim = run.config["latent_dim"]
    distortion = run.metrics[-1]["test_distortion"]
    pixels = images.flatten(1).double().var(0, correction=0)

    def dimensions() -> tuple:
        redundant = len(redundant_dimensions(*encode(run.model, images), THRESHOLD))
        return redundant, latent_dim - redundant

    def bits() -> tuple:
        values = images[0].numel()
        coded = images[: min(CODED_IMAGES, max(1, CODED_VALUES // values))]
        kl_bits, latent_bits, total_bits = code_lengths(run.model, coded)
        return kl_bits, latent_bits, total_bits / values

    return {
        ("per_pixel_rate",): lambda: (reverse_water_filling(pixels, distortion).rate,),
        ("redundant_dimensions", "active_dimensions"): dimensions,
        ("kl_bits", "latent_bits", "bits_per_pixel"): bits,
    }


def code_lengths(model: nn.Module, images: Tensor) -> tuple[float, float, float]:
    """Return the bits per image that bits-back coding of these images really takes.

    Args:
        images: in [0, 1], with 256 levels, shape (N, C, H, W).

    Returns:
        (kl, latent, total): the KL of these images in bits; the net bits of their latents, which
        should be close to it; and the bits of latent and pixels together.

    Raises:
        LabError: what was coded does not come back.
    """
    levels = (255 * images).round().flatten(1).numpy().astype(np.int32)
    start = np.random.default_rng(0).integers(1, 2**32, INITIAL_WORDS, dtype=np.uint32)
    message, pixels_alone = start, 0.0
    code = encode(model, images)
    latent_dim = code[0].shape[1]
    for image in levels:
        message = bits_back_encode(message, image, model)
        pixels_alone += pixel_bits(message, latent_dim, image, model)
    total = message_bits(AnsCoder(message)) - message_bits(AnsCoder(start))
    for image in levels[::-1]:
        decoded, message = bits_back_decode(message, latent_dim, model)
        if not np.array_equal(decoded, image):
            raise LabError("bits-back coding does not give the image back: check task 2.9.")
    if not np.array_equal(message, start):
        raise LabError("bits-back coding does not give the first bits back: check task 2.9.")
    kl = gaussian_kl(*code).sum(1).mean().item() / math.log(2)
    return kl, (total - pixels_alone) / len(images), total / len(images)


def print_table(rows: list[dict[str, float]]) -> None:
    """Print one line per β, averaged over the sweeps; ± is the standard deviation between them."""
    print(
        "   β       R (nats)              D   linear: R      D   R − water-filling   "
        "redundant   active   latent bits / KL"
    )
    for beta in sorted({row["beta"] for row in rows}):
        own = {key: [row[key] for row in rows if row["beta"] == beta] for key in rows[0]}
        share = mean(own["latent_bits"]) / mean(own["kl_bits"]) if min(own["kl_bits"]) else math.nan
        print(
            f"{beta:4g} {_spread(own['rate']):>14} {_spread(own['distortion']):>14} "
            f"{own['linear_rate'][0]:11.2f} {own['linear_distortion'][0]:6.2f} "
            f"{mean(own['excess_rate']):19.2f} {mean(own['redundant_dimensions']):11g} "
            f"{mean(own['active_dimensions']):8g} {share:18.3f}"
        )


def _spread(values: list[float]) -> str:
    return f"{mean(values):.2f}" + (f" ± {stdev(values):.2f}" if len(values) > 1 else "")
