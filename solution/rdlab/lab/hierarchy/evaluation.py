"""Measure every run of a grid: one table, evaluation.csv. Given code: it calls your functions."""

import csv
import math
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from rdlab.gaussian import gaussian_kl, reparameterize
from rdlab.hierarchy import (
    accuracy_bound,
    inception_score,
    linear_hierarchical_point,
    mixture_information,
    psnr,
)
from rdlab.lab.classifier import CLASSIFIER_SHA256, class_probabilities, load_classifier
from rdlab.lab.errors import LabError
from rdlab.lab.hierarchy.classifiers import NAMES, held_out_accuracies
from rdlab.lab.hierarchy.data_sets import load_data
from rdlab.lab.hierarchy.networks import IMAGE_SHAPE, Hierarchy
from rdlab.lab.hierarchy.objective import costs, sample_prior
from rdlab.lab.hierarchy.training import load_grid, load_hierarchy, measure_layers, run_name
from rdlab.lab.parallel import cores, side_by_side
from rdlab.lab.runs import Run
from rdlab.probe import label_information
from rdlab.rate_distortion import covariance_spectrum

FILE = "evaluation.csv"
CLASSIFIER = CLASSIFIER_SHA256[:12]
"""Which classifier the scores are of: the beginning of its hash."""
JUDGED = ("sample", "fashion-mnist")
"""Data sets whose classes the course's classifier knows."""
BATCH, GENERATED = 1000, 10_000
PRIOR_CODES, IMAGES_PER_CODE = 200, 20
ACTIVE, UNCERTAIN = 0.01, 0.25
"""In nats: the KL of a top dimension that is used; the width of a bracket that is not trusted."""

WORDS = ("run", "model", "classifier")
RATES = ("beta_2", "beta_1", "seed", "rate_2", "rate_1", "rate", "distortion", "log_likelihood")
INFORMATION = ("information_low", "information_high", "information_uncertain", "accuracy_bound")
ACCURACIES = tuple(f"{name}_{where}" for where in ("samples", "means", "bottom") for name in NAMES)
PICTURES = (
    "reconstruction_accuracy",
    "reconstruction_entropy",
    "inception_score",
    "diversity",
    "sharpness",
    "generated_information",
)
COLUMNS = (
    "run", "model", *RATES, "psnr", "active_2", *INFORMATION, *ACCURACIES, *PICTURES, "classifier",
)  # fmt: skip


def evaluate_grid(
    runs: Path, data_folder: Path | None = None, *, jobs: int | None = None, seed: int = 0
) -> list[dict]:
    """Measure every finished run of a folder and write evaluation.csv into it.

    Args:
        runs: folder of the grid.
        data_folder: see `load_data`.
        jobs: how many runs at once; None is one per core.
        seed: of the noise.

    Returns:
        One row per run, by ascending prices, with COLUMNS; scores of pictures are nan where the
        course's classifier does not know the data.

    Raises:
        LabError: there is no run, or scikit-learn is missing.
    """
    grid = load_grid(runs)
    calls = [(runs, pair, data_folder, seed) for pair in grid]
    rows = []
    for row in side_by_side(_evaluate_pair, calls, jobs or cores()):
        rows.append(row)
        print(f"{row['run']}: {_summary(row)}", flush=True)
    rows.sort(key=lambda row: (row["beta_2"], row["beta_1"]))
    write_table(runs / FILE, rows)
    print(f"wrote {runs / FILE}: scores are of classifier {CLASSIFIER}")
    if all(run.config["network"] == "linear" for run in grid.values()):
        data = _load(next(iter(grid.values())).config["data"], data_folder)
        print_linear_theory(rows, grid, covariance_spectrum(data.test_images))
    return rows


def evaluate_one(folder: Path, data_folder: Path | None = None, *, seed: int = 0) -> dict:
    """Measure one run and print every number; nothing is written.

    Args:
        folder: of the run.
        data_folder: see `load_data`.
        seed: of the noise.

    Returns:
        Its row of the table.

    Raises:
        LabError: it is no finished run, or scikit-learn is missing.
    """
    run = load_hierarchy(folder)
    row = evaluate_run(run, _load(run.config["data"], data_folder), seed)
    for key in COLUMNS:
        print(f"{key:<26}{_written(row[key])}")
    return row


def _summary(row: dict) -> str:
    parts = [f"R₂ {row['rate_2']:.2f}, R₁ {row['rate_1']:.2f}, D {row['distortion']:.2f}"]
    parts.append(f"I(z₂; label) in [{row['information_low']:.2f}, {row['information_high']:.2f}]")
    return "; ".join(parts) + (" (uncertain)" if row["information_uncertain"] else "")


def _evaluate_pair(
    runs: Path, pair: tuple[float, float], data_folder: Path | None, seed: int
) -> dict:
    run = load_grid(runs)[pair]
    data = _load(run.config["data"], data_folder)
    return evaluate_run(run, data, seed)


_load = cache(load_data)  # once per process


@torch.no_grad()
def evaluate_run(run: Run, data, seed: int = 0) -> dict:
    """Measure one run on the test images; return a row of the table."""
    torch.manual_seed(seed)
    model, config, x = cast(Hierarchy, run.model), run.config, data.test_images
    rate_2, rate_1, distortion = measure_layers(model, x)
    found = [costs(model, part, variance=config["variance"]) for part in x.split(BATCH)]
    x_hat = reconstruct(model, x)
    row = {
        "run": run_name(config["beta_2"], config["beta_1"]),
        "model": config["model"],
        **{key: config[key] for key in ("beta_2", "beta_1", "seed")},
        "rate_2": rate_2,
        "rate_1": rate_1,
        "rate": rate_2 + rate_1,
        "distortion": distortion,
        "log_likelihood": torch.cat([part.log_likelihood for part in found]).mean().item(),
        "psnr": float(psnr(x, x_hat)),
    }
    row |= _codes(model, x, data.test_labels)
    return row | _pictures(model, config, x_hat, data.test_labels)


def reconstruct(model: Hierarchy, x: Tensor) -> Tensor:
    """Return the images' reconstructions from posterior means, (N, C, H, W)."""
    parts = []
    for batch in x.split(BATCH):
        top = top_means(model, batch)
        parts.append(model.decode(model.encode_bottom(batch, top)[0]))
    return torch.cat(parts)


def top_means(model: Hierarchy, x: Tensor) -> Tensor:
    """Return the mean of q(z₂|x): the probabilities where z₂ is categorical, (N, d₂)."""
    if model.family == "gaussian":
        return model.encode_top(x)[0]
    return model.top_logits(x).softmax(1)


# What the codes say about the label


def _codes(model: Hierarchy, x: Tensor, labels: Tensor) -> dict:
    """Return columns about z₂ and, for the classifiers on means, z₁."""
    batches = x.split(BATCH)
    means = torch.cat([top_means(model, batch) for batch in batches])
    bottom = torch.cat([model.encode_bottom(b, top_means(model, b))[0] for b in batches])
    if model.family == "gaussian":
        log_var = torch.cat([model.encode_top(batch)[1] for batch in batches])
        samples = reparameterize(means, log_var, torch.randn_like(means))
        kl = gaussian_kl(means, log_var).mean(0)
        active = int((kl > ACTIVE).sum())
        high = float(mixture_information(samples, means, log_var, labels))
    else:
        samples = torch.nn.functional.one_hot(
            torch.multinomial(means, 1).squeeze(1), means.shape[1]
        ).float()
        active = int((means.mean(0) > 1 / (10 * means.shape[1])).sum())
        high = categorical_information(means, labels)
    row: dict[str, float] = {"active_2": active}
    for where, codes in (("samples", samples), ("means", means), ("bottom", bottom)):
        accuracies, logits, kept = held_out_accuracies(codes, labels)
        row |= {f"{name}_{where}": value for name, value in accuracies.items()}
        if where == "samples":
            low = max(0.0, float(label_information(logits, kept)))
    shares = labels.bincount().double() / len(labels)
    return row | {
        "information_low": low,
        "information_high": high,
        "information_uncertain": int(high - low > UNCERTAIN),
        "accuracy_bound": float(accuracy_bound(high, shares)),
    }


def categorical_information(probabilities: Tensor, labels: Tensor) -> float:
    """Return I(z₂; label) of a categorical z₂ in nats, exact for these images.

    Args:
        probabilities: q(z₂|x) of each image, (N, K).
        labels: (N,).
    """
    p = probabilities.double()
    total = torch.special.entr(p.mean(0)).sum()
    for label in labels.unique():
        own = labels == label
        share = own.double().mean()
        total -= share * torch.special.entr(p[own].mean(0)).sum()
    return total.item()


# What the course's classifier says about pictures


def _pictures(model: Hierarchy, config: dict, x_hat: Tensor, labels: Tensor) -> dict:
    """Return columns about reconstructions and samples; nan for images no classifier knows."""
    if config["data"] not in JUDGED or model.image_shape != IMAGE_SHAPE:
        return {**dict.fromkeys(PICTURES, math.nan), "classifier": ""}
    classifier = load_classifier()
    of_images = class_probabilities(classifier, x_hat)
    top_dim = top_means(model, x_hat[:1]).shape[1]
    samples = decode_in_parts(model, sample_prior(model, GENERATED, top_dim))
    score, diversity, sharpness = inception_score(class_probabilities(classifier, samples))
    return {
        "reconstruction_accuracy": (of_images.argmax(1) == labels).double().mean().item(),
        "reconstruction_entropy": torch.special.entr(of_images.double()).sum(1).mean().item(),
        "inception_score": float(score),
        "diversity": float(diversity),
        "sharpness": float(sharpness),
        "generated_information": generated_information(model, classifier, top_dim),
        "classifier": CLASSIFIER,
    }


def decode_in_parts(model: Hierarchy, z_1: Tensor) -> Tensor:
    """Return the decoded images, (N, C, H, W)."""
    return torch.cat([model.decode(part) for part in z_1.split(BATCH)])


def generated_information(model: Hierarchy, classifier, top_dim: int) -> float:
    """Return what z₂ tells about the class that the classifier sees in a generated image, in nats.

    200 codes are drawn from the prior, 20 images from each: the entropy of all answers less the
    mean entropy of the answers to one code.
    """
    if model.family == "gaussian":
        z_2 = torch.randn(PRIOR_CODES, top_dim)
    else:
        values = torch.randint(top_dim, (PRIOR_CODES,))
        z_2 = torch.nn.functional.one_hot(values, top_dim).float()
    mean, log_var = model.prior_bottom(z_2.repeat_interleave(IMAGES_PER_CODE, 0))
    images = decode_in_parts(model, reparameterize(mean, log_var, torch.randn_like(mean)))
    answers = class_probabilities(classifier, images).double()
    of_code = answers.unflatten(0, (PRIOR_CODES, IMAGES_PER_CODE)).mean(1)
    each = torch.special.entr(of_code).sum(1).mean()
    return (torch.special.entr(answers.mean(0)).sum() - each).item()


# Beside the closed form


def linear_point(config: dict, variances: Tensor) -> tuple[float, float, float]:
    """Return R₂, R₁ and D of the best linear hierarchy at a run's prices: your task 6.15.

    Where both prices are equal any split of the rate is as good; this one has R₂ = 0.

    Args:
        config: of the run. With another σ² than ½ a nat costs 2σ²β in squared error.
        variances: component variances of the images, (n,).
    """
    beta_2, beta_1 = (2 * config["variance"] * config[key] for key in ("beta_2", "beta_1"))
    if beta_2 == beta_1:
        beta_2 *= 1 + 1e-6
    rate_2, rate_1, distortion = linear_hierarchical_point(
        variances, beta_2, beta_1, config["top_dim"], config["bottom_dim"]
    )
    return float(rate_2), float(rate_1), float(distortion)


def cost(config: dict, rate_2: float, rate_1: float, distortion: float) -> float:
    """Return what a run's Gaussian loss comes to, in squared error: D + 2σ²(β₂R₂ + β₁R₁)."""
    rates = config["beta_2"] * rate_2 + config["beta_1"] * rate_1
    return distortion + 2 * config["variance"] * rates


def print_linear_theory(
    rows: Sequence[dict], grid: dict[tuple[float, float], Run], variances: Tensor
) -> None:
    """Print trained linear hierarchies beside the closed form, one line per run."""
    print("trained | the best linear hierarchy of the test images, in closed form")
    print("".join(f"{name:>8}" for name in ("β₂", "β₁", *2 * ("R₂", "R₁", "D", "cost"))))
    for row in rows:
        config = grid[row["beta_2"], row["beta_1"]].config
        trained = row["rate_2"], row["rate_1"], row["distortion"]
        best = linear_point(config, variances)
        numbers = (*trained, cost(config, *trained), *best, cost(config, *best))
        note = "  any split" if row["beta_2"] == row["beta_1"] else ""
        prices = f"{row['beta_2']:>8g}{row['beta_1']:>8g}"
        print(prices + "".join(f"{number:>8.2f}" for number in numbers) + note)


# The table


def write_table(path: Path, rows: Sequence[dict]) -> None:
    """Write evaluation.csv in one move."""
    partial_file = path.with_name(f".{path.name}.partial")
    with open(partial_file, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _written(row[key]) for key in COLUMNS})
    os.replace(partial_file, path)


def _written(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value


def print_table(rows: Sequence[dict]) -> None:
    """Print the columns that fit on a screen, one line per run."""
    shown = {
        "beta_2": "β₂", "beta_1": "β₁", "rate_2": "R₂", "rate_1": "R₁", "distortion": "D",
        "psnr": "PSNR", "information_low": "I ≥", "information_high": "I ≤",
        "rbf_svm_samples": "RBF", "accuracy_bound": "bound", "reconstruction_accuracy": "recon.",
        "inception_score": "IS", "diversity": "div.", "sharpness": "sharp.",
    }  # fmt: skip
    print("".join(f"{label:>8}" for label in shown.values()))
    for row in rows:
        note = "  I uncertain" if row["information_uncertain"] else ""
        print("".join(f"{row[key]:>8.4g}" for key in shown) + note)
    print(f"scores of pictures: classifier {rows[0]['classifier'] or '– (none for these data)'}")


def read_table(runs: Path) -> list[dict]:
    """Return the rows of evaluation.csv, one per finished run.

    Raises:
        LabError: it is missing or damaged, is of other runs, or holds scores of another classifier.
    """
    path = runs / FILE
    again = "run `python -m rdlab hierarchy evaluate`"
    if not path.is_file():
        raise LabError(f"{path} is missing: {again}.")
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [
                {key: row[key] if key in WORDS else float(row[key]) for key in COLUMNS}
                for row in csv.DictReader(file)
            ]
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise LabError(f"{path} cannot be read ({error!r}): {again} again.") from error
    refuse_other_classifiers(rows, path)
    names = {path.parent.name for path in runs.glob("beta2-*/config.json")}
    if {row["run"] for row in rows} != names:
        raise LabError(f"{path} is not of the runs beside it: {again} again.")
    return rows


def refuse_other_classifiers(rows: Sequence[dict], path: Path) -> None:
    """Refuse a table with scores that the course's classifier did not give.

    Raises:
        LabError: a row names another classifier; its scores cannot be compared.
    """
    others = sorted({row["classifier"] for row in rows} - {"", CLASSIFIER})
    if others:
        raise LabError(
            f"{path} holds scores of classifier {', '.join(others)}, not of the course's "
            f"{CLASSIFIER}: scores of two classifiers cannot be compared. Run `python -m rdlab "
            "hierarchy evaluate` again."
        )
