"""Public checks of tasks 2.7 and 2.8."""

import pytest
import torch

from support import assert_matches


@pytest.mark.task("2.7")
@pytest.mark.drawn
def test_interpolate_by_hand(student):
    """Five points from one end to the other, both included."""
    returned = student.interpolate(torch.tensor([0.0, 4.0]), torch.tensor([8.0, 0.0]), 5)
    expected = torch.tensor([[0.0, 4.0], [2.0, 3.0], [4.0, 2.0], [6.0, 1.0], [8.0, 0.0]])
    assert_matches(returned, expected)


@pytest.mark.task("2.8")
@pytest.mark.drawn
def test_traverse_by_hand(student):
    """Dimension 1 runs through three values, the others stay."""
    returned = student.traverse(torch.tensor([5.0, 6.0, 7.0]), 1, torch.tensor([-3.0, 0.0, 3.0]))
    expected = torch.tensor([[5.0, -3.0, 7.0], [5.0, 0.0, 7.0], [5.0, 3.0, 7.0]])
    assert_matches(returned, expected)
