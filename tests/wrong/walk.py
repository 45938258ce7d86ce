"""Wrong versions of walk (task 5.7). A docstring is what the student is told."""

import itertools

import torch

from tests.wrong import mistake, mutant

TASK = "5.7"


def line(start, end, weights):
    """Places between two points at these weights of the second."""
    weights = torch.as_tensor(weights, dtype=start.dtype).unsqueeze(1)
    return (1 - weights) * start + weights * end


def whole(visits, steps):
    """The right walk through points in their final order."""
    weights = torch.arange(steps) / steps
    pieces = [line(a, b, weights) for a, b in itertools.pairwise(visits)]
    return torch.cat([*pieces, visits[-1:]])


def visited(points, order):
    """The points in the order of the visits."""
    return points[torch.as_tensor(order)]


@mistake
def waypoints_twice(points, order, steps):
    """You name every waypoint twice: the end of a piece is the beginning of the next."""
    weights = torch.arange(steps + 1) / steps
    pieces = [line(a, b, weights) for a, b in itertools.pairwise(visited(points, order))]
    return torch.cat(pieces)


@mistake
def last_missing(points, order, steps):
    """Your walk stops before the last point."""
    return whole(visited(points, order), steps)[:-1]


@mistake
def first_missing(points, order, steps):
    """Your walk leaves out the place where it begins."""
    return whole(visited(points, order), steps)[1:]


@mistake
def order_ignored(points, order, steps):
    """You walk through the points in the order in which they are stored."""
    return whole(points, steps)


@mistake
def inverse_order(points, order, steps):
    """You take the order for the rank of each point: it lists the points, first to last."""
    return whole(points[torch.as_tensor(order).argsort()], steps)


@mistake
def steps_per_walk(points, order, steps):
    """Your steps are those of the whole walk: there are `steps` of them on each piece."""
    visits = visited(points, order)
    places = torch.linspace(0, len(visits) - 1, steps + 1, dtype=points.dtype)
    start = places.floor().long().clamp(max=len(visits) - 2)
    weight = (places - start).unsqueeze(1)
    return (1 - weight) * visits[start] + weight * visits[start + 1]


@mistake
def one_step_less(points, order, steps):
    """You place `steps` points on a piece, both ends included: that makes one step too few."""
    return whole(visited(points, order), max(1, steps - 1))


@mistake
def spherical(points, order, steps):
    """You walk along arcs around the origin: asked for are straight pieces."""
    pieces = []
    for start, end in itertools.pairwise(visited(points, order)):
        cosine = (start @ end / (start.norm() * end.norm())).clamp(-1 + 1e-9, 1 - 1e-9)
        angle = cosine.acos()
        weights = (torch.arange(steps) / steps).to(start.dtype).unsqueeze(1)
        arc = (((1 - weights) * angle).sin() * start + (weights * angle).sin() * end) / angle.sin()
        pieces.append(arc)
    return torch.cat([*pieces, visited(points, order)[-1:]])


@mistake
def one_piece_only(points, order, steps):
    """You go straight from the first point to the last and pass the others by."""
    visits = visited(points, order)
    count = (len(visits) - 1) * steps
    return line(visits[0], visits[-1], torch.arange(count + 1) / count)


@mistake
def unequal_steps(points, order, steps):
    """Your steps are small near the points and large between them: make them equal."""
    fractions = torch.arange(steps) / steps
    weights = (1 - (torch.pi * fractions).cos()) / 2
    visits = visited(points, order)
    pieces = [line(a, b, weights) for a, b in itertools.pairwise(visits)]
    return torch.cat([*pieces, visits[-1:]])


@mistake
def way_back_added(points, order, steps):
    """Your walk returns to its beginning: it ends at the last point."""
    visits = visited(points, order)
    return whole(torch.cat([visits, visits[:1]]), steps)


@mistake
def equal_along_the_walk(points, order, steps):
    """You share the steps out by length: every piece has the same number of them."""
    visits = visited(points, order)
    lengths = (visits[1:] - visits[:-1]).norm(dim=1)
    marks = torch.cat([torch.zeros(1, dtype=points.dtype), lengths.cumsum(0)])
    places = torch.linspace(0, 1, len(lengths) * steps + 1, dtype=points.dtype) * marks[-1]
    piece = (torch.searchsorted(marks, places, right=True) - 1).clamp(0, len(lengths) - 1)
    weight = ((places - marks[piece]) / lengths[piece]).unsqueeze(1)
    return (1 - weight) * visits[piece] + weight * visits[piece + 1]


@mistake
def turned_around(points, order, steps):
    """You walk from the last point to the first."""
    return whole(visited(points, order).flip(0), steps)


@mistake
def noisy(points, order, steps):
    """Your pieces are bent: the places lie on straight lines."""
    places = whole(visited(points, order), steps)
    bend = (torch.arange(len(places)) * torch.pi / steps).sin().to(places.dtype)
    return places + 0.1 * bend.unsqueeze(1)


@mutant
def tensor_order_only(points, order, steps):
    # a list of indices is taken for the coordinates of one point
    order = torch.as_tensor(order) if isinstance(order, torch.Tensor) else torch.arange(len(points))
    return whole(points[order], steps)


@mutant
def twenty_steps_at_most(points, order, steps):
    # longer walks are cut
    return whole(visited(points, order), min(steps, 20))


@mutant
def always_single(points, order, steps):
    # the dtype is not kept
    return whole(visited(points, order), steps).float()


@mistake
def equal_places_removed(points, order, steps):
    """You remove places that are equal to the one before: where two points coincide the walk is too
    short."""
    return torch.unique_consecutive(whole(visited(points, order), steps), dim=0)


@mistake
def repeated_points_removed(points, order, steps):
    """You drop points that coincide with one before: each is a visit of its own."""
    visits = visited(points, order)
    new = [visits[:i].ne(place).any(1).all() for i, place in enumerate(visits)]
    return whole(visits[torch.stack(new)], steps)
