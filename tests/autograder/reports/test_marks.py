"""Marks for the report: a rubric, several markers, pseudonyms, bonus and maximum."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from autograder.course import Course, CourseError, Submissions
from autograder.intake.deliveries import find_deliveries
from autograder.platforms.lms import fill_export
from autograder.reports.adjustments import load_decisions
from autograder.reports.class_report import by_hand, manual_look
from autograder.reports.feedback import render_html, render_markdown
from autograder.reports.gradebook import gradebook_csv
from autograder.reports.grades import grade_of
from autograder.reports.times import Submitted
from autograder.text import pseudonym
from tests.autograder.records import one_check
from tests.autograder.small_course import COURSE, DUE, record

RUBRIC = """\
[question.redundancy]
title = "Redundant dimensions"
points = 4
[question.redundancy.items]
price = { points = 3, sentence = "Compares the price with the gain." }
figure = { points = 1, sentence = "Points at the figure." }
[question.bound]
title = "The bound"
points = 2
[question.bound.items]
direction = { points = 2, sentence = "Says in which direction it errs." }
proof = { points = 1, sentence = "Proves it.", bonus = true }
"""
GRACE = """\
[ada.redundancy]
items = ["price"]
comment = "Which figure?"
[ada.bound]
items = ["direction", "proof"]
"""


@pytest.fixture
def folder(tmp_path):
    for student in ("ada", "bob"):
        (tmp_path / student / "rdlab").mkdir(parents=True)
        (tmp_path / student / "rdlab/gaussian.py").write_text("")
    (tmp_path / "report-marks").mkdir()
    (tmp_path / "report-marks/rubric.toml").write_text(RUBRIC)
    (tmp_path / "report-marks/grace.toml").write_text(GRACE)
    return tmp_path


def decided(folder, course=COURSE):
    return load_decisions(folder, find_deliveries(folder), course)


def grade(folder, student="ada", course=COURSE, **more):
    done = record([one_check("1.1"), one_check("1.2"), one_check("2.1")], student)
    return grade_of(done, course, replace(decided(folder, course), **more))


def test_marks_are_part_of_the_score_and_the_student_reads_the_rubric(folder):
    found = grade(folder)
    assert (found.marked.points, found.score, found.points, found.decided) == (6, 36, 36, True)
    for render in (render_html, render_markdown):
        page = render(found.record, found)
        for said in (
            "36 / 36 points",
            "Redundant dimensions",
            "3 / 4",
            "✓ Compares the price with the gain. (3 / 3)",
            "✗ Points at the figure. (0 / 1)",
            "✓ Proves it. (1 / 1, bonus)",
            "Which figure?",
        ):
            assert said in page
        assert "read and marked by a person" not in page


def test_nobody_has_a_final_score_before_all_answers_are_marked(folder):
    found = grade(folder, "bob")
    assert (found.decided, found.unmarked) == (False, ("redundancy", "bound"))
    assert ("report not marked", "question redundancy, bound") in manual_look(found)
    assert "30 / 36 points so far, your report is not marked yet" in render_html(
        found.record, found
    )
    rows = list(csv.DictReader(io.StringIO(gradebook_csv([grade(folder), found]))))
    assert [row["score"] for row in rows] == ["36", ""]
    assert [row["report"] for row in rows] == ["6", ""]


def test_of_several_markers_the_mean_counts_and_who_disagrees_is_told(folder):
    (folder / "report-marks/emmy.toml").write_text(
        '[ada.redundancy]\nitems = ["figure"]\n[ada.bound]\nitems = ["direction"]\n'
    )
    found = grade(folder)
    assert [mark.points for mark in found.marked.marks] == [2, 2.5]
    assert found.score == 34.5
    looks = [detail for kind, detail in manual_look(found) if kind == "markers differ"]
    assert looks == [
        "question redundancy: emmy 1, grace 3",
        "question bound: emmy 2, grace 3",
    ]
    assert "◐ Compares the price with the gain. (1.5 / 3)" in render_html(found.record, found)


def test_markers_may_know_pseudonyms_alone(folder):
    secret = pseudonym("ada", COURSE.salt)
    (folder / "report-marks/grace.toml").write_text(GRACE.replace("ada", secret))
    assert grade(folder).score == 36
    (folder / "report-marks/grace.toml").write_text(
        f'[ada.bound]\nitems = []\n["{secret}".bound]\nitems = []\n'
    )
    with pytest.raises(CourseError, match="ada is marked twice in this file: keep one"):
        decided(folder)


def test_lateness_takes_its_share_of_the_report_too(folder):
    late = Submitted(DUE + timedelta(days=1), "submissions.csv")
    assert grade(folder, submitted={"ada": late}).score == pytest.approx(36 * 0.9)


BONUS = '[[bonus]]\nstudent = "ada"\npoints = 5\nreason = "Found a mistake in the handout."\n'


@pytest.mark.parametrize(("maximum", "score"), [(None, 36), (38, 38), (50, 41)])
def test_bonus_points_reach_the_maximum_of_the_course(folder, maximum, score):
    (folder / "adjustments.toml").write_text(BONUS)
    course = replace(COURSE, submissions=Submissions(maximum=maximum))
    found = grade(folder, course=course)
    assert found.score == score
    assert "5: Found a mistake in the handout." in render_html(found.record, found)
    assert by_hand([found])[0]["what"] == "bonus: 5"


def test_without_a_rubric_nothing_changes(folder):
    (folder / "report-marks/rubric.toml").unlink()
    (folder / "report-marks/grace.toml").unlink()
    found = grade(folder)
    assert (found.marked, found.score, found.points) == (None, 30, 30)
    assert "report" not in gradebook_csv([found])
    assert list(find_deliveries(folder)) == ["ada", "bob"]


def test_a_whole_score_set_by_hand_waits_for_no_marks(folder):
    (folder / "adjustments.toml").write_text(
        '[[override]]\nstudent = "bob"\npoints = 33\nreason = "An oral exam."\n'
    )
    assert (grade(folder, "bob").score, grade(folder, "bob").decided) == (33, True)


def test_the_system_must_have_the_points_of_the_report_too(folder):
    course = Course("The course", 30, "salt", None, COURSE.parts, COURSE.tasks)
    text = "Identifier,Full name,Grade,Maximum grade\nParticipant 1,ada,,{}\n"
    export = folder / "worksheet.csv"
    export.write_text(text.format("30.00"))
    with pytest.raises(CourseError, match=r"30 points there and 36 in course.toml and the rubric"):
        fill_export(export, [grade(folder)], course)
    export.write_text(text.format("36.00"))
    assert "Participant 1,ada,36.00,36.00" in fill_export(export, [grade(folder)], course).text


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("rubric", "points = 3,", "points = 2,", "its items add up to 3 points, it has 4"),
        ("rubric", "figure = { points = 1", "figure = { points = 0", "points must be more than 0"),
        ("rubric", 'title = "The bound"\n', "", "[question.bound] has no 'title'"),
        ("grace", '"price"', '"prize"', "there is no item 'prize': it has price, figure"),
        ("grace", '"price"', '["price"]', "there is no item ['price']"),
        ("grace", "ada.bound", "ada.bond", "grace.toml [ada] has an unknown key 'bond'"),
        ("grace", "comment =", "remark =", "unknown key 'remark'"),
        ("grace", "[ada.bound]", "[ada.bound", "grace.toml is not valid TOML"),
    ],
)
def test_a_mistake_is_named(folder, file, old, new, said):
    path = folder / f"report-marks/{file}.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(CourseError) as caught:
        decided(folder)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_marks_need_a_rubric_and_a_student(folder):
    (folder / "report-marks/grace.toml").write_text(GRACE.replace("ada", "adda"))
    assert decided(folder).problems == (
        "report-marks/grace.toml: no submission is named 'adda': it has no effect; "
        "the nearest is ada",
    )
    (folder / "report-marks/rubric.toml").unlink()
    with pytest.raises(CourseError, match=r"report-marks/ has no rubric\.toml: write it"):
        decided(folder)
