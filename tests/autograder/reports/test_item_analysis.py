"""Difficulty, discrimination and reliability, beside numbers worked out by hand."""

import csv

import pytest

from autograder.judging.record import Cause
from autograder.reports.adjustments import Decisions
from autograder.reports.grades import grade_of
from autograder.reports.item_analysis import analyse, statistics_csv
from tests.autograder.records import one_check as task
from tests.autograder.small_course import COURSE, record

IDS = ("1.1", "1.2", "2.1")


def graded(*records):
    return [grade_of(each, COURSE, Decisions()) for each in records]


def failing(id, cause=Cause.MISMATCH):
    return task(id, "failed", cause=cause)


def answers(*passed_of_each):
    """A student per row; "1" passed, "0" failed."""
    return graded(
        *(
            record([task(id) if c == "1" else failing(id) for id, c in zip(IDS, row, strict=True)])
            for row in passed_of_each
        )
    )


def poor(*rows):
    return {item.name: item.poor for item in analyse(answers(*rows)).items if item.poor}


def test_every_verdict_is_counted_apart():
    first, second = analyse(
        graded(
            record([task("1.1"), task("1.2")]),
            record([failing("1.1"), task("1.2", "not graded")], status="not graded"),
            record([failing("1.1", Cause.NOT_STARTED), task("1.2")]),
        )
    ).items
    assert dict(first.counts) == {"passed": 1, "failed": 1, "not started": 1}
    assert first.share == pytest.approx(100 / 3)
    assert dict(second.counts) == {"passed": 2, "not graded": 1}


def test_items_that_all_pass_or_all_fail_tell_nothing():
    assert poor("101", "100", "101") == {"check_1.1": "all pass", "check_1.2": "all fail"}
    assert poor("101", "000", "010") == {}, "who started nothing does not count"


def test_an_item_that_the_weak_pass_as_often_tells_little():
    rows = ["110", "110", "110", "110", "110", "001", "001", "001", "001", "001"]
    assert poor(*rows)["check_2.1"] == "hardly tells strong from weak (r = -1.00)"
    assert not poor(*rows[:2], *rows[-2:]), "four say nothing about a correlation"


def test_reliability_by_hand():
    """Ten submissions, three checks of 10 points: variances 16, 21 and 24, of the sum 89."""
    rows = ["111"] * 4 + ["110", "100", "001", "010", "100", "111"]
    found = analyse(answers(*rows))
    passed = [[int(row[at]) for row in rows] for at in range(3)]
    alone = [100 * sum(own) / 10 * (1 - sum(own) / 10) for own in passed]
    totals = [10 * row.count("1") for row in rows]
    spread = sum((total - sum(totals) / 10) ** 2 for total in totals) / 10
    assert (alone, spread) == (pytest.approx([16, 21, 24]), pytest.approx(89))
    assert found.alpha == pytest.approx(3 / 2 * (1 - 61 / 89))
    assert found.error == pytest.approx((89 * (1 - found.alpha)) ** 0.5)
    assert analyse(answers(*rows[:9])).alpha is None, "nine say nothing of reliability"


def test_equal_checks_are_as_reliable_as_can_be():
    found = analyse(answers(*["111"] * 5, *["000"] * 5))
    assert found.submissions == 5, "who earned nothing is not in it"
    same = analyse(answers(*["111"] * 9, "110"))
    assert [item.discrimination for item in same.items] == [None, None, None]


def test_the_figures_as_csv():
    rows = ["111"] * 4 + ["110", "100", "001", "010", "100", "111"]
    text = statistics_csv(analyse(answers(*rows)))
    first, *_, whole = csv.DictReader(text.splitlines())
    assert (first["task"], first["check"], first["passed"]) == ("1.1", "check_1.1", "8")
    assert (first["difficulty"], first["submissions"]) == ("0.800", "10")
    assert float(first["discrimination"]) == pytest.approx(0.192, abs=0.001)
    assert (whole["task"], whole["alpha"], whole["standard error"]) == ("all", "0.472", "6.856")
    assert len({line.count(",") for line in text.splitlines()}) == 1
