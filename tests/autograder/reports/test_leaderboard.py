"""The leaderboard: who is on it, in which order, and who learns which name is whose."""

import csv
import math
from dataclasses import replace

import torch

from autograder.judging.experiments.beta_sweep import Run, Sweep
from autograder.platforms.gradescope import write_results
from autograder.reports.adjustments import Decisions
from autograder.reports.publish import publish
from autograder.text import board_name, pseudonym
from tests.autograder.records import one_check
from tests.autograder.small_course import COURSE, record

BOARD = replace(COURSE, leaderboard=True)
LOW, HIGH = "D + βR, β = 0.5", "D + βR, β = 10"


def students():
    costs = {"ada": {HIGH: 38.0, LOW: 20.0}, "bob": {HIGH: 39.0, LOW: 21.0}, "carl": {LOW: 19.0}}
    costs["dora"] = {}
    return [record([one_check("1.1")], name, costs=each) for name, each in costs.items()]


def name(student):
    return board_name(student, COURSE.salt)


def test_the_best_come_first_and_whoever_lacks_a_run_is_last_there(tmp_path):
    publish(students(), BOARD, Decisions(), tmp_path)
    rows = list(csv.DictReader((tmp_path / "leaderboard.csv").read_text("utf-8").splitlines()))
    assert list(rows[0]) == ["name", "mean place", LOW, HIGH]
    assert [tuple(row.values()) for row in rows] == [
        (name("ada"), "1.5", "20.00", "38.00"),
        (name("carl"), "2.0", "19.00", ""),
        (name("bob"), "2.5", "21.00", "39.00"),
    ]
    page = (tmp_path / "leaderboard.html").read_text("utf-8")
    assert all(name(student) in page for student in ("ada", "bob", "carl"))
    for student in ("ada", "bob", "carl", "dora"):
        assert f">{student}<" not in page
        told = (tmp_path / student / "feedback.md").read_text("utf-8")
        assert ("leaderboard is student-" in told) is (student != "dora")
    assert name("ada") in (tmp_path / "ada/feedback.html").read_text("utf-8")


def test_its_names_are_not_those_of_the_list_of_points():
    assert name("ada") != pseudonym("ada", COURSE.salt)


def test_there_is_none_unless_the_course_wants_one(tmp_path):
    publish(students(), COURSE, Decisions(), tmp_path)
    assert not list(tmp_path.glob("leaderboard.*"))
    assert "leaderboard" not in (tmp_path / "ada/feedback.md").read_text("utf-8")


def test_gradescope_gets_its_own_form(tmp_path):
    (tmp_path / "results").mkdir()
    for course, there in ((COURSE, False), (BOARD, True)):
        write_results(students()[0], tmp_path, course)
        text = (tmp_path / "results/results.json").read_text("utf-8")
        assert ('"leaderboard"' in text) is there
    assert '"name": "D + βR, β = 10",\n   "value": 38.0,\n   "order": "asc"' in text


def test_the_sweep_costs_what_was_measured_and_not_what_was_reported():
    measured = ("beta-0.5", 0.5, 1.0, 1.0, 30.0, 10.0), ("beta-10", 10.0, 1.0, 1.0, math.nan, 1.0)
    runs = [Run(*each, torch.zeros(0)) for each in measured]
    assert Sweep(runs, [], None).costs == {LOW: 25.0}
