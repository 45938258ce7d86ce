"""From record to grade: lateness, extensions and points set by hand; records stay as they are."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course, Late, in_zone
from autograder.reports.adjustments import Decisions, Extension, Override
from autograder.reports.feedback import render_html, render_markdown
from autograder.reports.gradebook import gradebook_csv
from autograder.reports.grades import days_late, grade_of, late_penalty
from autograder.reports.roster import Person
from autograder.reports.times import FILE_TIME, Submitted
from tests.autograder.records import one_check as task
from tests.autograder.small_course import BERLIN, COURSE, DUE, LATE, PARTS, TASKS, record

FULL = record([task("1.1"), task("1.2"), task("2.1")])


def after(source="submissions.csv", **late_by):
    return Decisions(submitted={"ada": Submitted(DUE + timedelta(**late_by), source)})


@pytest.mark.parametrize(
    ("late_by", "days", "score"),
    [
        ({"hours": -1}, 0, 30),
        ({"minutes": 0}, 0, 30),
        ({"minutes": 15}, 0, 30),
        ({"minutes": 15, "seconds": 1}, 1, 27),
        ({"hours": 24}, 1, 27),
        ({"hours": 24, "seconds": 1}, 2, 24),
        ({"days": 5}, 5, 15),
        ({"days": 6}, 6, 15),
        ({"days": 7}, 7, 15),
        ({"days": 7, "seconds": 1}, 8, 0),
    ],
)
def test_each_day_begun_costs_up_to_the_cap_and_then_all(late_by, days, score):
    grade = grade_of(FULL, COURSE, after(**late_by))
    assert (grade.days_late, grade.score, grade.penalty) == (days, score, 30 - score)
    assert (grade.autograder_score, grade.confirmed) == (30, True)


@pytest.mark.parametrize(
    ("days", "left", "slipped", "score"),
    [
        (0, None, 0, 30),
        (1, None, 1, 30),
        (3, None, 2, 27),
        (3, 0, 0, 21),
        (3, 5, 3, 30),
        (7, 1, 1, 15),
        (8, 9, 0, 0),  # nothing is accepted any more
    ],
)
def test_slip_days_cost_nothing_and_are_told(days, left, slipped, score):
    course = replace(COURSE, late=replace(LATE, slip_days=2))
    people = {"ada": Person("Ada", slip_days=left)}
    grade = grade_of(FULL, course, replace(after(days=days), people=people))
    assert (grade.days_late, grade.slipped, grade.score) == (days, slipped, score)
    for render in (render_html, render_markdown):
        assert ("slip day" in render(FULL, grade)) is bool(slipped)
    assert ("slip days used" in gradebook_csv([grade])) is bool(slipped)


def test_a_file_time_uses_up_no_slip_day():
    course = replace(COURSE, late=replace(LATE, slip_days=2))
    assert grade_of(FULL, course, after(FILE_TIME, days=2)).slipped == 0


@pytest.mark.parametrize(
    ("zone", "due", "submitted", "days"),
    [
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-25 23:30", 1),  # a night of 25 hours
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-25 23:59", 1),
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-26 00:00", 2),
        ("Europe/Berlin", "2026-10-24 23:59", "2026-10-27 23:58", 3),
        ("Europe/Berlin", "2026-03-28 23:59", "2026-03-29 23:59", 1),  # and one of 23
        ("Europe/Berlin", "2026-03-28 23:59", "2026-03-30 00:00", 2),
        ("America/New_York", "2026-10-31 23:59", "2026-11-01 23:30", 1),
        ("America/New_York", "2026-10-31 23:59-04:00", "2026-11-02 04:30+00:00", 1),
        ("America/New_York", "2026-10-31 23:59-04:00", "2026-11-02 05:00+00:00", 2),
    ],
)
def test_days_are_counted_by_the_clock_on_the_wall(zone, due, submitted, days):
    timezone = ZoneInfo(zone)
    due, submitted = (in_zone(datetime.fromisoformat(text), timezone) for text in (due, submitted))
    assert days_late(submitted, due, Late(due, timezone, 10)) == days


def test_the_hour_that_comes_twice_is_late_the_second_time():
    due = datetime(2026, 10, 25, 2, 50, tzinfo=BERLIN)
    late = Late(due, BERLIN, 10, grace_minutes=15)
    again = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    assert days_late(again, due, late) == 1
    assert days_late(again.replace(fold=0), due, late) == 0


@given(
    score=st.floats(0, 100),
    days=st.integers(1, 60),
    percent=st.floats(0.1, 100),
    cap=st.floats(0.1, 100),
    last=st.none() | st.integers(1, 30),
)
def test_the_penalty_never_exceeds_the_score_and_never_falls_with_the_days(
    score, days, percent, cap, last
):
    late = Late(DUE, BERLIN, percent, cap_percent=cap, days=last)
    penalties = [late_penalty(score, day, late) for day in range(1, days + 1)]
    assert all(0 <= penalty <= score + 0.005 for penalty in penalties)
    assert penalties == sorted(penalties)


def test_a_file_time_is_shown_but_costs_nothing():
    grade = grade_of(FULL, COURSE, after(FILE_TIME, days=3))
    assert (grade.days_late, grade.confirmed, grade.penalty, grade.score) == (3, False, 0, 30)
    assert "Submitted" not in render_markdown(FULL, grade)


def test_an_extension_moves_the_due_date_with_the_same_grace():
    extension = {"ada": Extension(DUE + timedelta(days=2), "ill")}
    for minutes, days in ((14, 0), (16, 1)):
        late = after(days=2, minutes=minutes)
        grade = grade_of(FULL, COURSE, Decisions(late.submitted, extension))
        assert grade.days_late == days


def test_without_a_late_policy_nothing_is_late():
    course = Course("The course", 30, "salt", None, PARTS, TASKS)
    assert grade_of(FULL, course, after(days=9)).score == 30


def override(points, task=None):
    return Override(task, points, "the reason")


def by_hand(*overrides, submitted=None):
    return Decisions(submitted or {}, {}, {"ada": overrides})


def test_points_of_a_task_are_set_before_the_penalty():
    found = record([task("1.1"), task("1.2", "failed"), task("2.1")])
    decisions = by_hand(override(5, "1.2"), submitted=after(hours=1).submitted)
    grade = grade_of(found, COURSE, decisions)
    scores = grade.autograder_score, grade.record.score, grade.penalty, grade.score
    assert scores == (20, 25, 2.5, 22.5)
    assert [part.score for part in grade.record.parts] == [15, 10]
    assert [t.status for t in grade.record.tasks] == ["passed", "set by hand", "passed"]


def test_a_whole_score_set_by_hand_is_final():
    decisions = by_hand(override(3), override(10, "1.2"), submitted=after(days=2).submitted)
    assert grade_of(FULL, COURSE, decisions).score == 3
    assert grade_of(FULL, COURSE, by_hand(override(0))).score == 0


UNDECIDED = record(
    [task("1.1"), task("1.2", "not graded"), task("2.1", "not graded")],
    status="not graded",
    reason="no verdict on task 1.2, 2.1",
)


def test_a_decision_by_hand_settles_what_the_grader_could_not_decide():
    one = grade_of(UNDECIDED, COURSE, by_hand(override(4, "1.2")))
    assert (one.decided, one.record.reason) == (False, "no verdict on task 2.1")
    both = grade_of(UNDECIDED, COURSE, by_hand(override(4, "1.2"), override(0, "2.1")))
    assert (both.decided, both.score) == (True, 14)
    assert grade_of(UNDECIDED, COURSE, by_hand(override(7))).decided


def test_one_task_does_not_settle_a_submission_that_was_never_judged():
    lost = record([], status="not graded", reason="the autograder failed")
    assert not grade_of(lost, COURSE, by_hand(override(4, "1.2"))).decided
    refused = record([], status="refused", reason="ada.zip is empty")
    grade = grade_of(refused, COURSE, by_hand(override(4, "1.2")))
    assert (grade.record.status, grade.score) == ("graded", 4)


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_students_read_how_their_score_came_about(render):
    found = record([task("1.1"), task("1.2", "failed"), task("2.1")])
    decisions = Decisions(
        after(hours=30).submitted,
        {"ada": Extension(DUE + timedelta(hours=2), "a private illness")},
        {"ada": (Override("1.2", 5, "right but for one sign"),)},
    )
    text = render(found, grade_of(found, COURSE, decisions))
    for shown in (
        "Autograder score",
        "20 / 30",
        "Task 1.2, set by hand",
        "right but for one sign",
        "2026-12-02 05:59 CET",
        "2026-12-01 01:59 CET",
        "with your extension",
        "2 days begun, 5 points taken off",
        "20 / 30 points",
    ):
        assert shown in text
    assert "private" not in text


def test_a_score_that_is_simply_what_was_found_needs_no_explanation():
    assert "Score breakdown" not in render_html(FULL, grade_of(FULL, COURSE, Decisions()))
