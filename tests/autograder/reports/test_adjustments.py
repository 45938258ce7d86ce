"""submissions.csv and adjustments.toml: what is read, what is refused, and never a student's."""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder.course import Course, CourseError, Late, Submissions, Task
from autograder.intake.deliveries import Delivery, by_student
from autograder.reports.adjustments import (
    Decisions,
    Extension,
    Override,
    load_decisions,
    with_file_times,
)
from autograder.reports.roster import Person
from autograder.reports.times import FILE_TIME, Submitted, read_time

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


def load(folder, course=COURSE):
    return load_decisions(
        folder, {name: (Delivery(folder / name),) for name in ("ada", "bob")}, course
    )


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
    counted = {name: Delivery(folder / name) for name in ("ada", "bob")}
    assert load(folder, course) == Decisions(counted=counted)


def test_what_a_student_put_into_a_submission_decides_nothing(folder):
    (folder / "ada/adjustments.toml").write_text(ADJUSTMENTS)
    (folder / "ada/submissions.csv").write_text("student,submitted\nada,2020-01-01 00:00\n")
    found = load(folder / "ada")
    assert (found.extensions, found.overrides) == ({}, {})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026-12-03T12:00:00", "12:00:00", "until must be a day as in"),
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


def test_an_extension_to_a_day_is_to_its_end(folder):
    text = re.sub("until = .*", "until = 2026-12-03", ADJUSTMENTS)
    (folder / "adjustments.toml").write_text(text)
    assert load(folder).extensions["ada"].until == at(2026, 12, 3, 23, 59)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_umlauts_are_the_same_composed_or_not(tmp_path, form):
    names = [unicodedata.normalize(other, "Jörg") for other in ("NFC", "NFD")]
    written = unicodedata.normalize(form, "Jörg")
    (tmp_path / "adjustments.toml").write_text(
        f'[[override]]\nstudent = "{written}"\npoints = 3\nreason = "agreed"\n', encoding="utf-8"
    )
    (tmp_path / "submissions.csv").write_text(
        f"file,submitted\n{written}.zip,2026-12-01 12:00\n", encoding="utf-8"
    )
    for name in names:
        delivery = Delivery(tmp_path / f"{name}.zip")
        found = load_decisions(tmp_path, {names[0]: (delivery,)}, COURSE)
        assert found.problems == ()
        assert found.overrides[names[0]][0].points == 3
        assert found.submitted[names[0]].time == at(2026, 12, 1, 12)


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


# Who is who


def class_of(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "x").write_text("")
    return by_student(folder / name for name in names)


def write_times(folder, *rows, header="student,submitted"):
    (folder / "submissions.csv").write_text("\n".join([header, *rows]) + "\n")


def test_a_misspelt_row_and_a_student_without_one_are_told(tmp_path):
    deliveries = class_of(tmp_path, "Ada Lovelace", "Blaise Pascal")
    write_times(
        tmp_path, "Ada Lovelace,2026-12-02 10:00", "Blaise Pasccal,2026-12-02 10:00", "Eve,-"
    )
    found = load_decisions(tmp_path, deliveries, COURSE)
    assert found.submitted["Ada Lovelace"].source == "submissions.csv"
    assert "Blaise Pascal" not in found.submitted
    assert found.problems == (
        "submissions.csv: row 3 (Blaise Pasccal 2026-12-02 10:00) is nobody's submission",
        "submissions.csv: no time of Blaise Pascal: their lateness costs nothing",
    )


def test_two_rows_of_a_student_are_told_and_date_nobody(folder):
    write_times(folder, "ada,2026-12-01 1:00", "Ada,2026-12-02 1:00", "bob,2026-12-01 1:00")
    found = load(folder)
    assert list(found.submitted) == ["bob"]
    assert "ada may be row 2 (ada 2026-12-01 1:00) and row 3 (Ada 2026" in found.problems[0]
    assert len(found.problems) == 2


def test_gradescope_names_files_by_the_submission(tmp_path):
    deliveries = class_of(tmp_path, "submission_98765432", "submission_98765433")
    write_times(
        tmp_path,
        "Ada,Lovelace,77,al@uni.example,Graded,98765432,2026-12-02 10:00:00 +0100",
        "Bob,Bell,78,bb@uni.example,Graded,98765433,2026-11-02 10:00:00 +0100",
        header="First Name,Last Name,SID,Email,Status,Submission ID,Submission Time",
    )
    found = load_decisions(tmp_path, deliveries, COURSE)
    assert found.submitted["submission_98765432"].time == at(2026, 12, 2, 10)
    assert found.people["submission_98765433"] == Person("Bob Bell", "78", "bb@uni.example")
    assert found.problems == ()


def test_canvas_tells_times_by_its_api(tmp_path):
    deliveries = class_of(tmp_path, "lovelaceada_LATE_901_7001_x", "smithjohn_902_7002_x")
    entry = '{"user_id": %d, "submitted_at": %s, "user": {"sortable_name": "%s"}}'
    entries = [
        entry % (901, '"2026-12-02T09:00:00Z"', "Lovelace, Ada"),
        entry % (902, '"2026-11-02T09:00:00Z"', "Doe, Jane"),
        entry % (903, "null", "Nobody, Eve"),
    ]
    (tmp_path / "submissions.json").write_text("[" + ",".join(entries) + "]")
    found = load_decisions(tmp_path, deliveries, COURSE)
    assert found.submitted["lovelaceada_901"] == Submitted(at(2026, 12, 2, 10), "submissions.json")
    assert "smithjohn_902" not in found.submitted
    assert "smithjohn_902 may be row 3 (Doe, Jane 902): number 902 has another" in found.problems[0]
    (tmp_path / "submissions.json").write_text('{"errors": []}')
    with pytest.raises(CourseError, match="is no list of Canvas's submissions: save what"):
        load_decisions(tmp_path, deliveries, COURSE)


def test_what_canvas_marks_late_is_told_where_no_time_is_known(tmp_path):
    deliveries = class_of(tmp_path, "lovelaceada_LATE_901_7001_x", "smithjohn_902_7002_x")
    [problem] = load_decisions(tmp_path, deliveries, COURSE).problems
    assert problem.startswith(
        "lovelaceada_901: Canvas marks it late, but when it came is not known"
    )


ROSTER = """\
id,name,e-mail,section,group
u1,Ada Lovelace,ada@uni.example,A,1
u2,"Müller, Anna",am1@uni.example,A,1
u3,"Müller, Anna",am2@uni.example,B,2
u4,Eve Nobody,eve@uni.example,B,2
"""


def test_a_roster_tells_who_is_missing_and_takes_extensions_for_them(tmp_path):
    deliveries = class_of(tmp_path, "lovelaceada_901", "Anna Müller")
    (tmp_path / "roster.csv").write_text(ROSTER)
    extension = '[[extension]]\nstudent = "%s"\nuntil = 2026-12-03T12:00:00\nreason = "ill"\n'
    (tmp_path / "adjustments.toml").write_text(extension % "Eve Nobody" + extension % "u1")
    found = load_decisions(tmp_path, deliveries, COURSE)
    assert list(found.extensions) == ["lovelaceada_901"]
    assert [person.id for person in found.missing] == ["u2", "u3", "u4"]
    [problem] = found.problems
    assert problem.startswith(
        "roster.csv: Anna Müller may be u2 and u3: say who it is by [[student]]"
    )
    who = '[[student]]\nsubmission = "Anna Müller"\nid = "u3"\n'
    (tmp_path / "adjustments.toml").write_text(who)
    found = load_decisions(tmp_path, deliveries, COURSE)
    assert found.people["Anna Müller"].email == "am2@uni.example"
    assert ([person.id for person in found.missing], found.problems) == (["u2", "u4"], ())


def test_the_roster_tells_how_many_slip_days_are_left(folder):
    (folder / "roster.csv").write_text("name,slip days\nada,2\nbob,\n")
    assert [each.slip_days for each in load(folder).people.values()] == [2, None]
    (folder / "roster.csv").write_text("name,slip days\nada,two\n")
    assert "row 2 (ada two) has 'two' slip days: write a whole number" in refusal(folder)


def test_an_extension_for_a_stranger_is_told_and_stops_nothing(folder):
    (folder / "adjustments.toml").write_text(ADJUSTMENTS.replace('"Ada"', '"adda"'))
    found = load(folder)
    assert (found.extensions, list(found.overrides)) == ({}, ["bob"])
    assert found.problems == (
        "adjustments.toml [[extension]]: no submission is named 'adda': it has no effect; "
        "the nearest is ada",
    )


# Several attempts


def attempts(tmp_path, rule):
    """Of Ada: on time, late, and later still; which of them counts."""
    names = [f"lovelaceada{late}_901_{n}_x.zip" for n, late in ((7, ""), (8, "_LATE"), (10, ""))]
    names = [name.replace("_901_", "_901_700") for name in names]
    for name in names:
        (tmp_path / name).write_text("")
    rows = [f"{names[0]},2026-11-30 10:00", f"{names[1]},2026-12-01 10:00"]
    write_times(tmp_path, *rows, f"{names[2]},2026-12-02 10:00", header="file,submitted")
    deliveries = by_student(tmp_path / name for name in reversed(names))
    course = replace(COURSE, submissions=Submissions(rule))
    return load_decisions(tmp_path, deliveries, course, {"lovelaceada_901": tmp_path / names[1]})


@pytest.mark.parametrize(
    ("rule", "number", "words"),
    [
        ("last", 3, "3 of 3: lovelaceada_901_70010_x.zip; the last one counts"),
        ("last_in_time", 1, "1 of 3: lovelaceada_901_7007_x.zip; the last one before the deadline"),
        ("best", 2, "2 of 3: lovelaceada_LATE_901_7008_x.zip; the best one counts"),
    ],
)
def test_the_rule_says_which_attempt_counts_and_dates_it(tmp_path, rule, number, words):
    found = attempts(tmp_path, rule)
    assert found.attempts["lovelaceada_901"].startswith(words)
    assert found.submitted["lovelaceada_901"].time.day == (30, 1, 2)[number - 1]
    assert found.problems == ()
