"""What the class distributions p(z|class) look like: means, volumes, directions. Given code."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from rdlab.evaluation import redundant_dimensions
from rdlab.gaussian import gaussian_kl
from rdlab.geometry import class_moments

THRESHOLD = 0.01


class ClassGeometry(NamedTuple):
    """The classes in the active dimensions of a run.

    `active` are the dimensions with a KL of at least `THRESHOLD` nats, the most expensive first.
    `means` (C, k) and `covariances` (C, k, k) are those of task 5.1 in these dimensions.
    `volumes` are ½ ln det Σ, `directions` (C, k) the unit eigenvectors of the largest
    eigenvalues, `shares` how much of the trace these are, `distances` (C, C) between the means.
    """

    active: list[int]
    means: Tensor
    covariances: Tensor
    volumes: Tensor
    directions: Tensor
    shares: Tensor
    distances: Tensor
    between: float


class Codes(NamedTuple):
    """Codes drawn for the images of a run, shape (N, d), and the run's active dimensions."""

    z: Tensor
    active: list[int]


def class_geometry(mean: Tensor, log_var: Tensor, labels: Tensor, classes: int) -> ClassGeometry:
    """Compute the geometry of the classes from the posteriors of N images, each (N, d).

    `between` is the share of the trace of the covariance of all codes that lies between the class
    means, by the law of total covariance.
    """
    active = active_dimensions(mean, log_var)
    mean, log_var = mean[:, active].double(), log_var[:, active].double()
    means, covariances = class_moments(mean, log_var, labels, classes)
    _, whole = class_moments(mean, log_var, torch.zeros_like(labels), 1)
    shares = labels.bincount(minlength=classes).double() / len(labels)
    within = (shares.view(-1, 1, 1) * covariances.nan_to_num()).sum(0)
    filled = torch.where(covariances.isnan(), torch.eye(len(active)).double(), covariances)
    values, vectors = torch.linalg.eigh(filled)
    return ClassGeometry(
        active,
        means,
        covariances,
        values.log().sum(1) / 2,
        _pointing_up(vectors[:, :, -1]),
        values[:, -1] / values.sum(1),
        torch.cdist(means, means),
        1 - (within.trace() / whole[0].trace()).item(),
    )


def _pointing_up(directions: Tensor) -> Tensor:
    """Return the same directions with the sign that makes their largest entry positive."""
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return directions * largest.sign()


def active_dimensions(mean: Tensor, log_var: Tensor) -> list[int]:
    """Return the dimensions that are not redundant, by falling KL; all if every one is."""
    kl = gaussian_kl(mean, log_var).mean(0)
    redundant = set(redundant_dimensions(mean, log_var, THRESHOLD).tolist())
    order = kl.argsort(descending=True).tolist()
    return [dimension for dimension in order if dimension not in redundant] or order


def write_classes(geometry: ClassGeometry, names: tuple[str, ...], out: Path) -> None:
    """Write classes.csv, class_means.csv and class_distances.csv."""
    with open(out / "classes.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        head = ["class", "distance_from_origin", "volume", "leading_share", "leading_dimension"]
        writer.writerow(head)
        for label, name in enumerate(names):
            direction = geometry.directions[label]
            row = (
                geometry.means[label].norm().item(),
                geometry.volumes[label].item(),
                geometry.shares[label].item(),
            )
            leading = geometry.active[int(direction.abs().argmax())]
            writer.writerow([name, *(f"{value:.6g}" for value in row), leading])
    dimensions = [f"z{dimension}" for dimension in geometry.active]
    _write_rows(out / "class_means.csv", dimensions, names, geometry.means)
    _write_rows(out / "class_distances.csv", names, names, geometry.distances)


def _write_rows(path: Path, head: Sequence[str], names: Sequence[str], values: Tensor) -> None:
    """Write a table with one row of numbers for each class."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["class", *head])
        for name, row in zip(names, values.tolist(), strict=True):
            writer.writerow([name, *(f"{value:.6g}" for value in row)])


def ellipse(mean: Tensor, covariance: Tensor, deviations: float = 1.0, points: int = 65) -> Tensor:
    """Return the points at which a Gaussian in the plane is `deviations` standard deviations wide.

    Args:
        mean, covariance: shapes (2,) and (2, 2).

    Returns:
        A closed curve, shape (points, 2).
    """
    angle = torch.linspace(0, 2 * math.pi, points, dtype=mean.dtype)
    circle = torch.stack([angle.cos(), angle.sin()], 1)
    values, vectors = torch.linalg.eigh(covariance)
    return mean + deviations * (circle * values.clamp(min=0).sqrt()) @ vectors.T
