"""Wrong versions of upper_hull (task 6.14)."""

import torch

from tests.wrong import mistake, mutant

TASK = "6.14"


def _hull(rates, values, strict=True):
    """Indices of the upper hull from the least rate to the largest."""
    points = sorted(
        (rate, -value, place)
        for place, (rate, value) in enumerate(zip(rates.tolist(), values.tolist(), strict=True))
    )
    hull = []
    for rate, value, place in points:
        if hull and hull[-1][0] == rate:
            continue
        while len(hull) > 1:
            (r0, v0, _), (r1, v1, _) = hull[-2:]
            rise, chord = (v1 - v0) * (rate - r0), (value - v0) * (r1 - r0)
            if rise < chord or (not strict and rise == chord):
                break
            hull.pop()
        hull.append((rate, value, place))
    return [place for _, _, place in hull]


def _ascending(places):
    return torch.tensor(sorted(places), dtype=torch.int64)


@mistake
def pareto(rates, values):
    """These are the runs that no other run beats in both: some of them lie below a chord."""
    points = list(zip(rates.tolist(), values.tolist(), strict=True))
    kept = [
        i
        for i, (rate, value) in enumerate(points)
        if not any(r <= rate and v >= value and (r, v) != (rate, value) for r, v in points)
    ]
    return _ascending(kept)


@mistake
def lower(rates, values):
    """This is the lower hull: larger values are better."""
    return _ascending(_hull(rates, -values))


@mistake
def order_of_rate(rates, values):
    """Return the indices in ascending order, not in the order of the rates."""
    return torch.tensor(_hull(rates, values))


@mistake
def best_only(rates, values):
    """Only the best run is returned; the frontier reaches from the least rate to the largest."""
    return values.argmax().reshape(1)


@mistake
def values_returned(rates, values):
    """The values of the corners are returned: their indices are wanted."""
    return values[_ascending(_hull(rates, values))]


@mistake
def places_in_the_sorted_list(rates, values):
    """You return places in the list sorted by rate; the indices of the runs as given are wanted."""
    order = rates.argsort(stable=True).tolist()
    return _ascending(order.index(place) for place in _hull(rates, values))


@mistake
def mask(rates, values):
    """You return a mask with one entry per run; indices are wanted."""
    places = torch.arange(len(rates))
    return torch.isin(places, _ascending(_hull(rates, values))).long()


@mistake
def collinear_kept(rates, values):
    """Points in the middle of a chord are no corners, and you keep them."""
    return _ascending(_hull(rates, values, strict=False))


@mistake
def whole_hull(rates, values):
    """The corners of the lower side are among yours: the upper one alone is the frontier."""
    return _ascending(set(_hull(rates, values)) | set(_hull(rates, -values)))


@mistake
def running_maximum(rates, values):
    """These are the runs better than all of lower rate; that is no convex hull."""
    order, best, kept = rates.argsort(stable=True).tolist(), -float("inf"), []
    for place in order:
        if values[place] > best:
            best = values[place].item()
            kept.append(place)
    return _ascending(kept)


@mistake
def swapped(rates, values):
    """Rates and values have changed places."""
    return _ascending(_hull(values, rates))


@mistake
def up_to_the_best(rates, values):
    """Your frontier ends at the best value; it goes on to the largest rate."""
    hull = _hull(rates, values)
    best = max(range(len(hull)), key=lambda i: values[hull[i]].item())
    return _ascending(hull[: best + 1])


@mistake
def interior_corners(rates, values):
    """The two ends, at the least and at the largest rate, are corners as well."""
    hull = _hull(rates, values)
    return _ascending(hull[1:-1] or hull)


@mutant
def worst_of_equal_rates(rates, values):
    order = sorted(range(len(rates)), key=lambda i: (rates[i].item(), values[i].item()))
    first = {}
    for place in order:
        first.setdefault(rates[place].item(), place)
    kept = torch.tensor(sorted(first.values()))
    return _ascending(kept[_hull(rates[kept], values[kept])].tolist())


@mutant
def last_of_equal_points(rates, values):
    n = len(rates)
    return _ascending([n - 1 - place for place in _hull(rates.flip(0), values.flip(0))])


@mutant
def ends_of_equal_rates_kept(rates, values):
    hull = set(_hull(rates, values))
    ends = (rates == rates.min()) | (rates == rates.max())
    return _ascending(hull | set(ends.nonzero().flatten().tolist()))


@mutant
def tolerance(rates, values):
    hull, thinned = _hull(rates, values), []
    for place in hull:
        if not thinned or rates[place] - rates[thinned[-1]] > 1e-2 * (rates.max() - rates.min()):
            thinned.append(place)
    return _ascending(thinned)
