"""What a failed check says: which difference, where, and of which kind."""

import math

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


TRIPLE = torch.tensor([1.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("returned", "expected", "note"),
    [
        (TRIPLE / 2, TRIPLE, "every value is half what is expected"),
        (3 * TRIPLE, TRIPLE, "every value is 3 times what is expected"),
        (TRIPLE / math.log(2), TRIPLE, "1/ln 2 times what is expected (bits in place of nats?)"),
        (-TRIPLE, TRIPLE, "every value has the opposite sign"),
        (TRIPLE + 1, TRIPLE, "every value is +1 off"),
        (TRIPLE.flip(0), TRIPLE, "the values are those expected, in another order"),
        (1.5, 3.0, "half what is expected"),
        (TRIPLE + torch.tensor([0, 0, 1e-3]), TRIPLE, "4.001 where 4 is expected"),
        (TRIPLE + torch.tensor([0, 0, 1e-3]), TRIPLE, "allowed difference 0.00041, at index (2,)"),
    ],
)
def test_the_notes_say_how_all_values_differ_and_what_is_allowed(returned, expected, note):
    with pytest.raises(CheckFailed) as failure:
        assert_matches(returned, expected)
    assert any(note in each for each in failure.value.notes)
    assert note in str(failure.value)


def test_a_common_mistake_is_named_and_no_other():
    mistakes = {"it is squared": TRIPLE**2, "it is doubled": 2 * TRIPLE, "a scalar": 1.0}
    with pytest.raises(CheckFailed) as failure:
        assert_matches(TRIPLE**2, TRIPLE, mistakes=mistakes)
    assert failure.value.notes[0] == "it is squared"
    assert "doubled" not in str(failure.value)
    assert_matches(TRIPLE, TRIPLE, mistakes=mistakes)


def test_no_relation_is_claimed_where_there_is_none():
    with pytest.raises(CheckFailed) as failure:
        assert_matches(torch.tensor([1.0, 5.0, 2.0]), TRIPLE)
    assert [note for note in failure.value.notes if "every" in note or "order" in note] == []
