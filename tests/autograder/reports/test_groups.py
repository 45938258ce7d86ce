"""Groups that hand in once: who gets which grade, and what is decided for one alone."""

import csv
from dataclasses import replace

import pytest

from autograder.course import Submissions
from autograder.intake.deliveries import find_deliveries
from autograder.platforms.lms import fill_export, moodle_feedback
from autograder.reports.adjustments import load_decisions
from autograder.reports.class_report import by_hand, grouped_by_reason
from autograder.reports.publish import publish
from autograder.reports.regrade_requests import blank_request
from tests.autograder.records import one_check
from tests.autograder.small_course import COURSE, LATE, record

TOGETHER = replace(COURSE, submissions=Submissions(groups=True))
ROSTER = """\
id,name,email,group
1,ada,ada@uni.example,Red
2,"Pascal, Blaise",blaise@uni.example,Red
3,carl,carl@uni.example,Blue
4,Dora,dora@uni.example,Green
"""


@pytest.fixture
def folder(tmp_path):
    for student in ("ada", "carl"):
        (tmp_path / "class" / student / "rdlab").mkdir(parents=True)
        (tmp_path / "class" / student / "rdlab/gaussian.py").write_text("")
    (tmp_path / "class/roster.csv").write_text(ROSTER)
    return tmp_path / "class"


def published(folder, course=TOGETHER):
    decisions = load_decisions(folder, find_deliveries(folder), course)
    records = [record([one_check("1.1"), one_check("1.2")], each) for each in ("ada", "carl")]
    grades = publish(records, course, decisions, folder.parent / "out")
    return {grade.student: grade for grade in grades}, decisions


def test_the_grade_of_one_is_that_of_the_group_and_each_has_a_page(folder):
    (folder / "submissions.csv").write_text("student,submitted\nada,2026-12-01 12:00\ncarl,-\n")
    grades, decisions = published(folder)
    assert {name: grade.score for name, grade in grades.items()} == {
        "ada": 18,
        "carl": 20,
        "Pascal, Blaise": 18,
    }
    assert [person.name for person in decisions.missing] == ["Dora"]
    out = folder.parent / "out"
    page = (out / "Pascal, Blaise/feedback.html").read_text("utf-8")
    for said in ("Pascal, Blaise", "Handed in by", "18 / 30 points"):
        assert said in page
    rows = list(csv.DictReader((out / "gradebook.csv").read_text("utf-8").splitlines()))
    assert [row["email"] for row in rows] == [
        "ada@uni.example",
        "carl@uni.example",
        "blaise@uni.example",
        "dora@uni.example",
    ]
    report = (out / "report.html").read_text("utf-8")
    assert "also for Pascal, Blaise" in report
    assert "<strong>2</strong> graded" in report, "a submission counts once"


def test_the_members_get_grade_and_page_in_moodle(folder):
    grades, _ = published(folder)
    worksheet = folder / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Grade,Maximum grade\n"
        "Participant 11,Ada L,ada@uni.example,,30\n"
        "Participant 12,Blaise Pascal,blaise@uni.example,,30\n"
    )
    given = [grades["ada"], grades["Pascal, Blaise"]]
    assert fill_export(worksheet, given, TOGETHER).filled == 2
    assert list(moodle_feedback(worksheet, given, folder.parent / "out")) == [
        "Blaise Pascal_12_assignsubmission_file_/feedback.html",
        "Ada L_11_assignsubmission_file_/feedback.html",
    ]


def test_what_is_decided_for_one_member_is_for_that_one_alone(folder):
    entry = '[[override]]\nstudent = "{}"\ntask = "{}"\npoints = {}\nreason = "agreed"\n'
    (folder / "adjustments.toml").write_text(
        entry.format("ada", "1.1", 5)
        + entry.format("ada", "1.2", 6)
        + entry.format("blaise@uni.example", "1.2", 9)
        + '[[bonus]]\nstudent = "2"\npoints = 1\nreason = "for the talk"\n'
    )
    grades, decisions = published(folder)
    assert decisions.problems == ()
    assert (grades["ada"].score, grades["Pascal, Blaise"].score) == (11, 15)
    rows = [(row["student"], row["what"]) for row in by_hand(list(grades.values()))]
    assert sorted(rows) == [
        ("Pascal, Blaise", "bonus: 1"),
        ("Pascal, Blaise", "task 1.2: 9 points"),
        ("ada", "task 1.1: 5 points"),
        ("ada", "task 1.2: 6 points"),
    ], "for the group once, for a member alone under that name"


def test_a_whole_score_of_the_group_leaves_a_members_own_points_their_effect(folder):
    entry = '[[override]]\nstudent = "{}"\n{}points = {}\nreason = "agreed"\n'
    whole = entry.format("ada", "", 25)
    (folder / "adjustments.toml").write_text(whole)
    assert published(folder)[0]["Pascal, Blaise"].score == 25
    own = entry.format("blaise@uni.example", 'task = "1.2"\n', 3)
    (folder / "adjustments.toml").write_text(whole + own)
    grades, _ = published(folder)
    assert (grades["ada"].score, grades["Pascal, Blaise"].score) == (25, 13)
    (folder / "adjustments.toml").write_text(whole + own + entry.format("2", "", 7))
    assert published(folder)[0]["Pascal, Blaise"].score == 7


def test_a_member_needs_a_look_for_what_does_not_hold_for_the_group(folder):
    """Slip days are everybody's own: one member has some left, and the other loses everything."""
    course = replace(TOGETHER, late=replace(LATE, percent_per_day=100, cap_percent=100))
    (folder / "roster.csv").write_text(
        "id,name,group,slip days\n1,ada,Red,3\n2,Blaise,Red,0\n3,carl,Blue,0\n"
    )
    times = folder / "submissions.csv"
    times.write_text("student,submitted\nada,2026-12-02 12:00\ncarl,-\n")
    grades, _ = published(folder, course)
    assert (grades["ada"].score, grades["Blaise"].score) == (20, 0)
    [(kind, found)] = grouped_by_reason(list(grades.values()))
    assert (kind, [(each.student, said) for each, said in found]) == (
        "late",
        [("Blaise", "2 days late, −20")],
    )
    times.write_text("student,submitted\nada,2026-12-09 12:00\ncarl,-\n")
    [(_, found)] = grouped_by_reason(list(published(folder, course)[0].values()))
    assert [each.student for each, _ in found] == ["ada"], "what holds for all is said once"


def test_what_a_member_asks_is_in_the_class_report(folder):
    (folder / "regrade-requests").mkdir()
    (folder / "regrade-requests/b.txt").write_text(blank_request("Pascal, Blaise", "1.1") + "Why?")
    published(folder)
    report = (folder.parent / "out/report.html").read_text("utf-8")
    assert "Why?" in report
    assert "<strong>2</strong> graded" in report


def test_two_submissions_of_a_group_are_told_and_nobody_else_gets_one(folder):
    (folder / "roster.csv").write_text(ROSTER.replace("Blue", "Red"))
    grades, decisions = published(folder)
    assert set(grades) == {"ada", "carl"}
    assert decisions.problems == (
        "roster.csv: Pascal, Blaise is in group Red, of which ada and carl have handed in: "
        "leave one of them in the group",
    )


def test_groups_are_a_list_alone_unless_the_course_says_so(folder):
    grades, decisions = published(folder, COURSE)
    assert set(grades) == {"ada", "carl"}
    assert [person.name for person in decisions.missing] == ["Pascal, Blaise", "Dora"]


def test_a_members_folder_is_nobody_elses(folder):
    (folder / "roster.csv").write_text(ROSTER.replace('"Pascal, Blaise"', "regrades"))
    grades, _ = published(folder)
    assert set(grades) == {"ada", "carl", "regrades (2)"}
