"""Wrong versions of tour (task 5.6). A docstring is what the student is told."""

import itertools

import torch

from tests.wrong import mistake, mutant

TASK = "5.6"


def gaps(points):
    """The distance between each two points."""
    return torch.cdist(
        points.double(), points.double(), compute_mode="donot_use_mm_for_euclid_dist"
    )


def length(distances, order):
    """Of the open path."""
    return sum(distances[a][b] for a, b in itertools.pairwise(order))


def cheapest(distances, cost):
    """The order with the lowest cost of all, found one point at a time beyond seven points."""
    rows, count = distances.tolist(), len(distances)
    if count <= 7:
        return list(min(itertools.permutations(range(count)), key=lambda order: cost(rows, order)))
    return held_karp(rows)


def held_karp(rows):
    """The shortest open path of many points."""
    count = len(rows)
    best = {(1 << j, j): (0.0, (j,)) for j in range(count)}
    for visited in range(1, 1 << count):
        members = [j for j in range(count) if visited >> j & 1]
        for last in members:
            if len(members) > 1:
                best[visited, last] = min(
                    (best[visited ^ 1 << last, j][0] + rows[j][last],
                     (*best[visited ^ 1 << last, j][1], last))
                    for j in members
                    if j != last
                )  # fmt: skip
    return list(min(best[(1 << count) - 1, j] for j in range(count))[1])


def nearest_first(distances, start):
    """Always to the nearest point that is left."""
    order = [start]
    while len(order) < len(distances):
        left = [j for j in range(len(distances)) if j not in order]
        order.append(min(left, key=lambda j: distances[order[-1]][j].item()))
    return order


@mistake
def by_number(points):
    """You visit the points in the order in which they came."""
    return torch.arange(len(points))


@mistake
def greedy_from_0(points):
    """You always go to the nearest point next: the steps saved first are paid for at the end."""
    return torch.tensor(nearest_first(gaps(points), 0))


@mistake
def greedy_best_start(points):
    """You try every start, but then always go to the nearest point: that need not be shortest."""
    distances = gaps(points)
    paths = [nearest_first(distances, start) for start in range(len(points))]
    return torch.tensor(min(paths, key=lambda order: float(length(distances, order))))


@mistake
def starts_at_0(points):
    """Your path always begins at the first point: it may begin anywhere."""
    distances = gaps(points)
    return torch.tensor(
        cheapest(
            distances,
            lambda rows, order: length(rows, order) if order[0] == 0 else float("inf"),
        )
    )


@mistake
def first_axis(points):
    """You sort the points along their first coordinate: the others count as well."""
    return points[:, 0].argsort()


@mistake
def by_norm(points):
    """You sort the points by their distance from the origin: what counts is how far they are from
    each other."""
    return points.norm(dim=1).argsort()


@mistake
def closed_tour_cut(points):
    """You look for the shortest round trip and leave its way back out: the shortest open path can
    be another."""
    return torch.tensor(
        cheapest(
            gaps(points),
            lambda rows, order: length(rows, order) + rows[order[-1]][order[0]],
        )
    )


@mistake
def squared_distances(points):
    """You add squared distances: those avoid long pieces, and the path gets longer."""
    return torch.tensor(cheapest(gaps(points).square(), length))


@mistake
def longest(points):
    """Yours is the longest path of all."""
    return torch.tensor(cheapest(gaps(points), lambda rows, order: -length(rows, order)))


@mistake
def closed(points):
    """Your path returns to its beginning: each point is named once, and the path stays open."""
    order = cheapest(gaps(points), length)
    return torch.tensor([*order, order[0]])


@mistake
def repeats_a_point(points):
    """You visit a point twice and leave another out."""
    order = cheapest(gaps(points), length)
    return torch.tensor([*order[:-1], order[0]])


@mistake
def length_returned(points):
    """You return how long the path is: asked for is its order."""
    distances = gaps(points)
    return float(length(distances.tolist(), cheapest(distances, length)))


@mistake
def points_returned(points):
    """You return the points in their new order: return their indices."""
    return points[torch.tensor(cheapest(gaps(points), length))]


@mistake
def city_blocks(points):
    """You add the distances along the axes: a straight line is shorter than its corners."""
    rows = torch.cdist(points.double(), points.double(), p=1)
    return torch.tensor(cheapest(rows, length))


@mistake
def counted_from_one(points):
    """Your indices count from 1."""
    return torch.tensor(cheapest(gaps(points), length)) + 1


@mutant
def greedy_for_many(points):
    # right for up to eight points, nearest first beyond
    if len(points) <= 7:
        return torch.tensor(cheapest(gaps(points), length))
    return torch.tensor(nearest_first(gaps(points), 0))


@mutant
def two_dimensions_only(points):
    # the first two coordinates alone
    return torch.tensor(cheapest(gaps(points[:, :2]), length))


@mutant
def swaps_of_neighbours(points):
    # improves the given order by swapping neighbours until none helps
    distances, order = gaps(points).tolist(), list(range(len(points)))
    better = True
    while better:
        better = False
        for i in range(len(order) - 1):
            other = [*order[:i], order[i + 1], order[i], *order[i + 2 :]]
            if length(distances, other) < length(distances, order) - 1e-12:
                order, better = other, True
    return torch.tensor(order)
