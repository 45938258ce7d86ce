"""Which delivery is whose, and in which order those of one student came."""

import os

from autograder.intake.deliveries import find_deliveries


def test_several_deliveries_are_in_the_order_of_their_own_times(tmp_path):
    """What lies in a folder is its student's, and has no say."""
    for name, seconds in (("a", 20), ("b", 30), ("c", 10)):
        folder = tmp_path / f"Ada Lovelace_7_assignsubmission_{name}"
        (folder / "rdlab").mkdir(parents=True)
        (folder / "rdlab/gaussian.py").touch()
        os.utime(folder / "rdlab/gaussian.py", (99 - seconds, 99 - seconds))
        os.utime(folder, (seconds, seconds))
    [(student, group)] = find_deliveries(tmp_path).items()
    assert student == "Ada Lovelace_7"
    assert [each.path.name[-1] for each in group] == ["c", "a", "b"]
    assert [each.changed for each in group] == [10, 20, 30]


def test_a_delivery_that_is_gone_has_no_time(tmp_path):
    (tmp_path / "ada.zip").touch()
    [(delivery,)] = find_deliveries(tmp_path).values()
    delivery.path.unlink()
    assert delivery.changed == 0
