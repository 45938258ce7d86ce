"""Hidden checks of tasks 2.7 and 2.8."""

import pytest
import torch

from support import assert_matches


def _line(start, end, steps):
    """Point by point, in float64."""
    points = [start.double() + k / (steps - 1) * (end - start).double() for k in range(steps)]
    return torch.stack(points).to(start.dtype)


@pytest.mark.task("2.7")
@pytest.mark.no_mutation
def test_interpolate_points(student, draw):
    """The points are evenly spaced on the straight line, for any number of steps."""
    for d, steps in ((3, 2), (4, 3), (5, 5), (2, 8), (6, 11), (32, 6), (600, 3), (2, 1500)):
        start, end = draw.normal(d), 3 * draw.normal(d)
        copies = [start.clone(), end.clone()]
        returned = student.interpolate(start, end, steps)
        assert_matches(returned, _line(start, end, steps), atol=1e-4)
        assert_matches([start, end], copies, rtol=0, atol=0)


@pytest.mark.task("2.7")
def test_interpolate_ends(student, draw):
    """The first point is the start and the last one the end, also for short or equal latents."""
    for d in (1, 2, 7):
        for steps in (2, 4, 9):
            start, end = draw.normal(d), draw.normal(d)
            assert_matches(student.interpolate(start, start, steps), start.repeat(steps, 1))
            returned = student.interpolate(start, end, steps)
            expected = _line(start, end, steps)
            assert_matches(returned, expected)
            assert_matches([returned[0], returned[-1]], [start, end], atol=1e-6, rtol=1e-6)


@pytest.mark.task("2.7")
def test_interpolate_double(student, draw):
    """Latents in double precision stay in double precision."""
    for steps in (2, 5, 7):
        start, end = draw.normal(3, dtype=torch.float64), draw.normal(3, dtype=torch.float64)
        returned = student.interpolate(start, end, steps)
        assert_matches(returned, _line(start, end, steps), rtol=0, atol=1e-12)


def _walk(z, dimension, values):
    rows = [z.clone() for _ in values]
    for row, value in zip(rows, values, strict=True):
        row[dimension] = value
    return torch.stack(rows)


@pytest.mark.task("2.8")
def test_traverse_every_dimension(student, draw):
    """Each dimension can be walked, the first and the last too, and only it changes."""
    for d, k in ((4, 3), (3, 5), (5, 5), (2, 1), (1, 6), (600, 5), (3, 1500)):
        z, values = draw.normal(d), 3 * draw.normal(k)
        for dimension in sorted({0, 1 % d, 2 % d, d // 2, d - 1}):
            assert_matches(student.traverse(z, dimension, values), _walk(z, dimension, values))


@pytest.mark.task("2.8")
@pytest.mark.no_mutation
def test_traverse_leaves_its_inputs(student, draw):
    """The latent and the values are left as they were, so the next walk starts from the same z."""
    z, values = draw.normal(6), draw.uniform(4, low=-3, high=3)
    copies = [z.clone(), values.clone()]
    for dimension in (5, 0, 2):
        assert_matches(student.traverse(z, dimension, values), _walk(copies[0], dimension, values))
        assert_matches([z, values], copies, rtol=0, atol=0)


@pytest.mark.task("2.8")
def test_traverse_values_as_given(student, draw):
    """Values are taken as they are: in their order, repeated, far beyond ±3."""
    for dtype in (torch.float32, torch.float64):
        z = draw.normal(3, dtype=dtype)
        values = torch.tensor([2.0, -9.0, 2.0, 0.25, 40.0, -1e4], dtype=dtype)
        atol = 1e-12 if dtype == torch.float64 else None
        assert_matches(student.traverse(z, 1, values), _walk(z, 1, values), rtol=atol, atol=atol)
