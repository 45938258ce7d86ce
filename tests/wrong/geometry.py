"""Wrong versions of the experiment of task 5.9: each alters a copy of runs-geometry."""

import csv
import itertools
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from tests.wrong import mistake, mutant

TASK = "5.9"


def rewalk(runs: Path, change) -> None:
    """Replace walk.safetensors by what `change(waypoints, order, places)` makes of it."""
    path = runs / "walk.safetensors"
    parts = load_file(path)
    names = "waypoints", "order", "places"
    changed = change(*(parts[name] for name in names))
    save_file({n: t.contiguous() for n, t in zip(names, changed, strict=True)}, path)


def through(waypoints, order, steps=20):
    """The places of a walk in straight pieces."""
    visits = waypoints[order]
    weights = (torch.arange(steps) / steps).unsqueeze(1)
    pairs = itertools.pairwise(visits)
    pieces = [(1 - weights) * start + weights * end for start, end in pairs]
    return torch.cat([*pieces, visits[-1:]])


def rescale(runs: Path, change) -> None:
    """Replace every acceptance in pcn.csv."""
    path = runs / "pcn.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["acceptance"] = change(float(row["acceptance"]))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@mistake
def walked_by_number(runs: Path):
    """Your walk follows the numbers of the classes: there is a shorter way through them."""
    order = torch.arange(10)
    rewalk(runs, lambda points, _, places: (points, order, through(points, order)))


@mistake
def walked_to_the_nearest(runs: Path):
    """Your walk always goes to the nearest waypoint: its last pieces are too long."""

    def change(points, order, places):
        order = [0]
        while len(order) < 10:
            gaps = (points - points[order[-1]]).norm(dim=1)
            gaps[order] = torch.inf
            order.append(int(gaps.argmin()))
        return points, torch.tensor(order), through(points, torch.tensor(order))

    rewalk(runs, change)


@mistake
def waypoints_only(runs: Path):
    """Your walk holds its waypoints alone: walk the way between them, in small steps."""
    rewalk(runs, lambda points, order, places: (points, order, points[order]))


@mistake
def straight_to_the_end(runs: Path):
    """Your walk goes straight from its first waypoint to its last."""

    def change(points, order, places):
        return points, order, through(points, order[[0, -1]], 180)

    rewalk(runs, change)


@mistake
def waypoints_near_the_origin(runs: Path):
    """Your waypoints lie so near to each other that some classes are never seen: class means, too,
    are drawn towards the middle."""

    def change(points, order, places):
        points = 0.02 * points
        return points, order, through(points, order)

    rewalk(runs, change)


@mistake
def rejections_reported(runs: Path):
    """Your pcn.csv reports the share of rejected proposals."""
    rescale(runs, lambda rate: 1 - rate)


@mistake
def acceptance_in_percent(runs: Path):
    """Your pcn.csv reports acceptances in percent: report them as shares."""
    rescale(runs, lambda rate: 100 * rate)


@mistake
def acceptance_of_ten_images(runs: Path):
    """The acceptances that you report for one image are those of another number of images."""
    path = runs / "pcn.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rates = {row["step"]: row["acceptance"] for row in rows if row["images"] == "10"}
    for row in rows:
        row["acceptance"] = rates[row["step"]]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@mutant
def slightly_polished(runs: Path):
    # acceptances that look a little better than they are
    rescale(runs, lambda rate: min(1.0, rate + 0.1))


@mutant
def a_detour(runs: Path):
    # one waypoint is left and visited again: 1 % longer
    def change(points, order, places):
        return points, order, torch.cat([places[:30], places[20:30].flip(0), places[20:]])

    rewalk(runs, change)


@mutant
def nothing_but_noise(runs: Path):
    # places that are not finite
    rewalk(runs, lambda points, order, places: (points, order, places * torch.nan))


@mutant
def no_table(runs: Path):
    # pcn.csv is missing
    (runs / "pcn.csv").unlink()


@mutant
def one_class_left_out(runs: Path):
    # the waypoint of one class is moved to its neighbour's, nearly
    def change(points, order, places):
        points = points.clone()
        points[order[0]] = points[order[1]] + 1e-3
        return points, order, through(points, order)

    rewalk(runs, change)
