"""Public checks of tasks 3.9 and 3.10."""

import math

import pytest
import torch

from support import assert_matches


@pytest.mark.task("3.9")
def test_label_information_by_hand(student):
    """Three labels of four are 0; a probe that calls both classes equally likely costs ln 2."""
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    returned = student.label_information(torch.zeros(4, 2), torch.tensor([0, 0, 1, 0]))
    assert_matches(returned, entropy - math.log(2))


@pytest.mark.task("3.10")
@pytest.mark.drawn
def test_ratio_by_hand(student):
    """1.5 of 6 nats are a quarter; of less than the minimum there is no share."""
    assert_matches(student.information_ratio(1.5, 6.0), 0.25)
    assert_matches(student.information_ratio(0.01, 0.02), math.nan)
    assert_matches(student.information_ratio(0.3, 0.75, minimum=1.0), math.nan)
