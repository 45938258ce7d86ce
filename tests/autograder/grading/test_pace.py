"""The time left of a class, and who takes long."""

import pytest

from autograder.grading.pace import Pace
from tests.autograder.records import make_record


def record(student, cpu, total):
    times = {"total": total, "worker_cpu": 0.75 * cpu, "judge_cpu": 0.25 * cpu}
    return make_record(student=student, times=times)


def test_the_time_left_is_that_of_what_was_graded():
    """Ten, two at once, 30 CPU s each in 60 s: eight left of which two are half done."""
    pace = Pace([f"s{n}" for n in range(10)], 2)
    assert (pace.left(), pace.words()) == (None, "")
    for student in ("s0", "s1"):
        pace.graded(record(student, 30, 60))
    assert pace.left() == pytest.approx(7 * 60 / 2)
    assert pace.words() == "4 min left"


def test_what_is_kept_says_nothing_of_the_rest():
    pace = Pace([f"s{n}" for n in range(100)], 2)
    for number in range(90):
        pace.kept(record(f"s{number}", 30, 60))
    assert pace.left() is None
    pace.graded(record("s90", 30, 60))
    pace.graded(make_record(student="s91", status="refused", times={"total": 0.0}))
    assert pace.left() == pytest.approx(7 * 60 / 2)


def test_where_it_is_not_known_how_many_run_the_clock_says():
    now = [0.0]
    pace = Pace([f"s{n}" for n in range(20)], 0, lambda: now[0])
    now[0] = 60
    for number in range(4):
        pace.graded(record(f"s{number}", 30, 60))
    assert pace.left() == pytest.approx(14 * 60 / 4)


def test_the_last_and_the_slow_are_named():
    pace = Pace([*"abcdefg"], 2)
    for student, cpu in zip("abcde", (30, 31, 29, 200, 95), strict=True):
        pace.graded(record(student, cpu, 2 * cpu))
    assert pace.words().endswith("left, waiting for f, g")
    assert pace.slow() == {"d": "200 CPU s, others 31", "e": "95 CPU s, others 31"}
    pace.graded(record("f", 30, 60))
    pace.graded(record("g", 30, 60))
    assert pace.words() == "0 s left"


def test_a_few_seconds_are_not_slow():
    pace = Pace([*"abc"], 1)
    for student, cpu in zip("abc", (1, 1, 8), strict=True):
        pace.graded(record(student, cpu, cpu))
    assert pace.slow() == {}
