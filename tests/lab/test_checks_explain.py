"""What a failed check says: which difference, where, and of which kind."""

import pytest
import torch

from support import CheckFailed, assert_matches


@pytest.mark.parametrize(
    ("returned", "expected", "message"),
    [
        (torch.tensor([1.0, 5.0]), torch.tensor([1.0, 2.0]), "largest difference 3, at index (1,)"),
        (3, torch.ones(2), "expected a tensor, not an int"),
        ("x", 2.0, "expected a number, not a str"),
        (torch.ones(3), torch.ones(2), "expected shape (2,), not (3,)"),
    ],
)
def test_the_message_names_the_difference(returned, expected, message):
    with pytest.raises(CheckFailed) as failure:
        assert_matches(returned, expected)
    assert failure.value.message == message
