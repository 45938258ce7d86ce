"""Public checks of tasks 2.1 to 2.6."""

import math

import pytest
import torch

from support import assert_matches


@pytest.mark.task("2.1")
@pytest.mark.drawn
def test_gaussian_rate_by_hand(student):
    """Each quartering of the distortion costs ln 2 nats; at D = σ² and above the rate is 0."""
    variance = torch.tensor([4.0, 4.0, 4.0, 4.0])
    distortion = torch.tensor([0.25, 1.0, 4.0, 9.0])
    expected = torch.tensor([2 * math.log(2), math.log(2), 0.0, 0.0])
    assert_matches(student.gaussian_rate(variance, distortion), expected, dtype=False)


@pytest.mark.task("2.2")
@pytest.mark.drawn
def test_water_filling_by_hand(student):
    """Three components and D = 5: the smallest one lies under water."""
    returned = student.reverse_water_filling(torch.tensor([8.0, 1.0, 4.0]), 5.0)
    expected = (0.5 * math.log(8 / 2) + 0.5 * math.log(4 / 2), torch.tensor([2.0, 1.0, 2.0]), 2.0)
    assert_matches(returned, expected, dtype=False)


@pytest.mark.task("2.3")
@pytest.mark.drawn
def test_spectrum_by_hand(student):
    """Four points on the corners of a rectangle with sides 4 and 2, far from the origin."""
    x = torch.tensor([[12.0, 5.0], [12.0, 7.0], [8.0, 5.0], [8.0, 7.0]])
    expected = torch.tensor([4.0, 1.0])
    assert_matches(student.covariance_spectrum(x), expected)


@pytest.mark.task("2.4")
@pytest.mark.drawn
def test_white_rate_by_hand(student):
    """Total variance 8 on four components, D = 2: each quarters its variance."""
    returned = student.white_gaussian_rate(torch.tensor([5.0, 1.0, 0.0, 2.0]), 2.0)
    assert_matches(returned, 4 * math.log(2))


@pytest.mark.task("2.5")
@pytest.mark.drawn
def test_excess_rate_by_hand(student):
    """A coder that spends 1 nat more than the Gaussian limit, and one that spends 1 nat less."""
    variances = torch.tensor([8.0, 1.0, 4.0])
    limit = 0.5 * math.log(8 / 2) + 0.5 * math.log(4 / 2)  # at D = 5, see task 2.2
    assert_matches(student.excess_rate(limit + 1, 5.0, variances), 1.0)
    assert_matches(student.excess_rate(limit - 1, 5.0, variances), -1.0)


@pytest.mark.task("2.6")
@pytest.mark.drawn
def test_linear_vae_by_hand(student):
    """β = 4 puts the water level at 2."""
    returned = student.linear_vae_point(torch.tensor([8.0, 1.0, 4.0]), 4.0)
    assert_matches(returned, (0.5 * math.log(8 / 2) + 0.5 * math.log(4 / 2), 5.0))
