"""Handing back by Canvas's API, with canvasapi, against a server of ours."""

import pytest

from autograder import __main__ as cli
from autograder.commands import canvas as command
from autograder.course import CourseError
from autograder.judging.record import write_record
from autograder.platforms.canvas import find_changes, hand_back
from autograder.reports.adjustments import Decisions
from autograder.reports.publish import publish
from tests.autograder.platforms.canvas_stub import TOKEN, CanvasStub
from tests.autograder.records import one_check
from tests.autograder.small_course import COURSE, record

pytest.importorskip("canvasapi", reason="make .venv/canvas installs it")
pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly")

USERS = {901: "Lovelace, Ada", 902: "Pascal, Blaise", 903: "Gauß, Carl"}


@pytest.fixture
def stub():
    stub = CanvasStub(USERS, 30)
    yield stub
    stub.stop()


def published(out, *students, more=()):
    records = [record([one_check("1.1", points=3)], student) for student in students]
    records += more
    for each in records:
        write_record(each, out)
    return publish(records, COURSE, Decisions(), out)


def handed_back(stub, grades, out):
    found = find_changes(stub.address, TOKEN, grades, COURSE, out)
    for change in found.changes:
        hand_back(change, stub.address)
    return found


def test_grade_and_page_are_where_the_student_sees_them(stub, tmp_path):
    refused = record(student="gaußcarl_903", status="refused", reason="it holds no rdlab")
    grades = published(tmp_path, "lovelaceada_901", "pascalblaise_902", more=[refused])
    found = handed_back(stub, grades, tmp_path)
    assert (found.unchanged, found.unlisted, found.unclear) == (0, [], [])
    scores = {number: each["score"] for number, each in stub.submissions.items()}
    assert scores == {901: 3.0, 902: 3.0, 903: None}
    for number, student in ((901, "lovelaceada_901"), (903, "gaußcarl_903")):
        assert stub.pages(number) == [(tmp_path / student / "feedback.html").read_bytes()]


def test_a_second_time_only_what_is_new_is_sent(stub, tmp_path):
    students = ("lovelaceada_901", "pascalblaise_902")
    handed_back(stub, published(tmp_path, *students), tmp_path)
    sent = list(stub.writes)
    found = handed_back(stub, published(tmp_path, *students), tmp_path)
    assert (found.changes, found.unchanged, stub.writes) == ([], 2, sent)
    better = record([one_check("1.1", points=8)], students[0])
    found = handed_back(stub, published(tmp_path, students[1], more=[better]), tmp_path)
    assert [change.student for change in found.changes] == [students[0]]
    assert stub.submissions[901]["score"] == 8
    assert len(stub.pages(901)) == 2
    assert len(stub.pages(902)) == 1


def test_an_interrupted_run_goes_on(stub, tmp_path):
    grades = published(tmp_path, "lovelaceada_901", "pascalblaise_902")
    stub.refuse_after = 3  # file, comment and grade of the first one
    with pytest.raises(CourseError, match="what is there already is not sent twice"):
        handed_back(stub, grades, tmp_path)
    assert (stub.submissions[901]["score"], stub.submissions[902]["score"]) == (3, None)
    stub.refuse_after = 100
    assert handed_back(stub, grades, tmp_path).unchanged == 1
    assert [len(stub.pages(number)) for number in (901, 902)] == [1, 1]
    assert stub.submissions[902]["score"] == 3


def test_nobody_gets_what_is_not_certainly_theirs_or_not_graded(stub, tmp_path):
    waiting = record([one_check("1.1", "not graded")], "gaußcarl_903", "not graded")
    students = ("lovelaceada_902", "somebodyelse_77")
    found = handed_back(stub, published(tmp_path, *students, more=[waiting]), tmp_path)
    assert found.changes == []
    assert found.unlisted == ["somebodyelse_77"]
    [sentence] = found.unclear
    assert sentence.startswith("Canvas: lovelaceada_902 may be row 2 (Lovelace, Ada 901) and")
    assert stub.writes == []


@pytest.mark.parametrize(
    ("address", "token", "points", "said"),
    [
        ("{}", "wrong", 30, "Canvas refuses the token: make one in Canvas"),
        ("{}", TOKEN, 20, "the assignment has 20 points in Canvas and 30 in course.toml"),
        ("{}9", TOKEN, 30, "Canvas has no assignment"),
        ("https://canvas.uni.example/courses/12", TOKEN, 30, "copy it from the browser"),
        ("http://uni.example/courses/1/assignments/2", TOKEN, 30, "copy it from the browser"),
        ("http://127.0.0.1:9/courses/1/assignments/2", TOKEN, 30, "give the command again later"),
    ],
)
def test_what_goes_wrong_is_one_sentence(stub, tmp_path, address, token, points, said):
    stub.points = points
    with pytest.raises(CourseError) as caught:
        find_changes(address.format(stub.address), token, [], COURSE, tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_assignment_that_is_graded_anonymously_is_refused(stub, tmp_path):
    for submission in stub.submissions.values():
        del submission["user"], submission["user_id"]
    with pytest.raises(CourseError, match="switch anonymous grading off"):
        find_changes(stub.address, TOKEN, [], COURSE, tmp_path)


def test_points_that_canvas_takes_off_itself_are_not_taken_off_twice(stub, tmp_path):
    stub.late_policy = {"late_submission_deduction_enabled": True, "late_submission_deduction": 10}
    grades = published(tmp_path, "lovelaceada_901", "pascalblaise_902")
    assert len(find_changes(stub.address, TOKEN, grades, COURSE, tmp_path).changes) == 2
    stub.submissions[902]["late"] = True
    with pytest.raises(CourseError) as caught:
        find_changes(stub.address, TOKEN, grades, COURSE, tmp_path)
    assert "Canvas takes points off 1 late submission itself" in str(caught.value)
    assert "switch its late policy off" in str(caught.value)
    stub.late_policy["late_submission_deduction_enabled"] = False
    assert len(find_changes(stub.address, TOKEN, grades, COURSE, tmp_path).changes) == 2


def test_the_command_asks_first(stub, tmp_path, monkeypatch, capsys):
    (tmp_path / "class/lovelaceada_901/rdlab").mkdir(parents=True)
    published(tmp_path / "out", "lovelaceada_901")
    monkeypatch.setattr(command, "the_course", lambda: COURSE)
    given = ["canvas", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    given += ["--url", stub.address]
    monkeypatch.delenv("CANVAS_TOKEN", raising=False)
    assert cli.main(given) == 2
    assert "CANVAS_TOKEN is not set" in capsys.readouterr().err
    monkeypatch.setenv("CANVAS_TOKEN", TOKEN)
    assert cli.main(given) == 1
    shown = capsys.readouterr().out
    assert "to hand back in Canvas: 1 grade, 1 page; 0 students as before" in shown
    assert "nothing is sent: add --yes to do it" in shown
    assert stub.writes == []
    assert cli.main([*given, "--yes"]) == 0
    assert stub.submissions[901]["score"] == 3
    assert TOKEN not in capsys.readouterr().out
