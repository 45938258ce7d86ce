"""submissions.csv and adjustments.toml: what is read, what is refused, and never a student's."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder.course import Course, CourseError, Late, Task
from autograder.reports.adjustments import (
    FILE_TIME,
    Decisions,
    Extension,
    Override,
    Submitted,
    load_decisions,
    read_time,
    with_file_times,
)

BERLIN = ZoneInfo("Europe/Berlin")
LATE = Late(datetime(2026, 11, 30, 23, 59, tzinfo=BERLIN), BERLIN, 10)
TASKS = (Task("1.1", "First", None, None, None, 10, (), False, ()),)
COURSE = Course("The course", 30, "salt", None, (), TASKS, LATE)

ADJUSTMENTS = """\
[[extension]]
student = "Ada"
until = 2026-12-03T12:00:00
reason = "ill"

[[override]]
student = "bob"
task = "1.1"
points = 0
reason = "copied"
"""


@pytest.fixture
def folder(tmp_path):
    for student in ("ada", "bob"):
        (tmp_path / student / "rdlab").mkdir(parents=True)
        (tmp_path / student / "rdlab/gaussian.py").write_text("")
    return tmp_path


def load(folder, course=COURSE):
    return load_decisions(folder, {name: folder / name for name in ("ada", "bob")}, course)


def refusal(folder, course=COURSE):
    with pytest.raises(CourseError) as caught:
        load(folder, course)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def at(*moment):
    return datetime(*moment, tzinfo=BERLIN)


def test_both_files_are_read(folder):
    (folder / "adjustments.toml").write_text(ADJUSTMENTS)
    (folder / "submissions.csv").write_text("student,submitted\nADA,2026-12-01 10:30\nbob,\n")
    found = load(folder)
    assert found.extensions == {"ada": Extension(at(2026, 12, 3, 12), "ill")}
    assert found.overrides == {"bob": (Override("1.1", 0, "copied"),)}
    assert found.submitted["ada"] == Submitted(at(2026, 12, 1, 10, 30), "submissions.csv")
    assert "bob" not in found.submitted


def test_the_time_of_a_file_counts_for_those_whom_no_list_names():
    listed = {"ada": Submitted(at(2026, 12, 1, 10, 30), "submissions.csv")}
    times = {"ada": 5.0, "bob": 2e9, "carl": None, "dora": 1e12, "emil": -1e19, "fay": 1e300}
    found = with_file_times(Decisions(listed), times, LATE).submitted
    assert found["ada"] == listed["ada"]
    assert (found["bob"].time.timestamp(), found["bob"].source) == (2e9, FILE_TIME)
    assert sorted(found) == ["ada", "bob"]


def test_without_either_file_and_without_a_late_policy_nothing_is_decided(folder):
    course = Course("The course", 30, "salt", None, (), TASKS)
    assert load(folder, course) == Decisions()


def test_what_a_student_put_into_a_submission_decides_nothing(folder):
    (folder / "ada/adjustments.toml").write_text(ADJUSTMENTS)
    (folder / "ada/submissions.csv").write_text("student,submitted\nada,2020-01-01 00:00\n")
    found = load(folder / "ada")
    assert (found.extensions, found.overrides) == ({}, {})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"Ada"', '"eve"', "no submission is named 'eve': write the name as the gradebook has it"),
        ("2026-12-03T12:00:00", "2026-12-03", "until must be a time as in"),
        ('"ill"', '" "', "reason is empty"),
        ('reason = "copied"', "", "[[override]] has no 'reason'"),
        ('task = "1.1"', 'task = "9.9"', "there is no task '9.9'"),
        ("points = 0", "points = -1", "points must be 0 or more"),
        ("points = 0", "points = nan", "points must be 0 or more"),
        ("points = 0", "points = 11", "task 1.1 has 10 points: give no more"),
        ("points = 0", 'points = "all"', "points must be a number"),
        ('student = "bob"', 'student = "bob"\nwhy = 1', "unknown key 'why'"),
        ("[[extension]]", "[[extention]]", "unknown key 'extention'"),
        ("[[extension]]", "[extension", "not valid TOML"),
        (ADJUSTMENTS, ADJUSTMENTS + ADJUSTMENTS, "has 2 [[extension]] for ada: keep one"),
    ],
)
def test_a_mistake_in_adjustments_is_named(folder, old, new, said):
    (folder / "adjustments.toml").write_text(ADJUSTMENTS.replace(old, new))
    message = refusal(folder)
    assert said in message
    assert message.startswith("adjustments.toml")


def test_an_extension_needs_a_late_policy(folder):
    (folder / "adjustments.toml").write_text(ADJUSTMENTS)
    course = Course("The course", 30, "salt", None, (), TASKS)
    assert "course.toml has no [late] section" in refusal(folder, course)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,when\nada,2026-12-01 10:30\n", "no column of times: name it 'submitted'"),
        ("student,submitted\nada,03/04/2026 10:30\n", "row 2: the time '03/04/2026 10:30'"),
        ("student,submitted\nada,2026-12-01\n", "is unclear: write it as in 2026-12-01 23:59"),
        ("student,submitted\nada,2026-12-01 1:00\nAda,2026-12-02 1:00\n", "row 2 (ada 2026-12-01"),
        ("student\nada\n", "no header with several columns"),
        ('student,submitted\n"ada,2026', "is not valid CSV"),
    ],
)
def test_a_mistake_in_the_times_is_named(folder, text, said):
    (folder / "submissions.csv").write_text(text)
    assert said in refusal(folder)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01 10:30", at(2026, 12, 1, 10, 30)),
        ("2026-12-01T10:30:07Z", datetime(2026, 12, 1, 10, 30, 7, tzinfo=ZoneInfo("UTC"))),
        ("Tuesday, 1 December 2026, 10:30 PM", at(2026, 12, 1, 22, 30)),  # Moodle
        ("Tuesday, 1 December 2026, 22:30", at(2026, 12, 1, 22, 30)),
        ("2026-12-01 01:30:00 -0800", at(2026, 12, 1, 10, 30)),  # Gradescope
        ("25/12/2026 10:30", at(2026, 12, 25, 10, 30)),
    ],
)
def test_times_as_people_and_systems_write_them(text, moment):
    assert read_time(text, LATE) == moment


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026 10:30",
        "2026-12-01",
        "10:30",
        "1 December, 10:30",
        "tomorrow",
        "2026-12-01 10:30 XYZ",
        "2026-13-01 10:30",
        "9" * 400,
    ],
)
def test_an_unclear_time_is_no_time(text):
    assert read_time(text, LATE) is None
