"""Points are formed from results alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.course import load_course
from autograder.intake.submission import Intake
from autograder.judging.record import Cause, CheckStatus, RecordStatus, TaskStatus
from autograder.judging.results import Result, Verdict
from autograder.judging.score import (
    graded_record,
    status_of,
    ungraded_record,
    with_current_texts,
    with_tasks,
)
from tests.autograder.records import make_check, make_record, make_task

COURSE = load_course(ROOT / "course.toml")
INTAKE = Intake("ada", "5ha256", ("rdlab/a.py", "rdlab/b.py"), ("notes.txt",), ("b.py: odd",))
PATH = Path("/class/ada.zip")


def result(name: str, status: CheckStatus = CheckStatus.PASSED, cause: Cause | None = None):
    return Result(name, status, cause)


def graded(results: list[Result], diagnoses: dict[str, str] | None = None):
    found = {result.name: result for result in results}
    verdict = Verdict(found, diagnoses or {}, ["a note"], ["an incident"], {"checks": 1.0}, "here")
    return graded_record(COURSE, PATH, INTAKE, verdict, "process", 2.0)


def checks_of(*ids: str) -> list[str]:
    return [check.name for task in COURSE.tasks if task.id in ids for check in task.checks]


def test_passed_checks_have_their_points_and_no_others():
    lost, *kept = checks_of("1.2")
    results = [result(lost, CheckStatus.FAILED, Cause.MISMATCH), *map(result, kept)]
    record = graded(results, {lost: "You lack the ½."})
    (task,) = record.tasks
    points = {check.name: check.points for check in task.checks}
    assert task.score == sum(points.values()) - points[lost] == record.score
    assert [check.earned for check in task.checks if check.name == lost] == [0]
    assert [check.diagnosis for check in task.checks if check.diagnosis] == ["You lack the ½."]
    assert (task.status, record.status) == (TaskStatus.PARTIAL, RecordStatus.GRADED)


def test_points_of_parts_are_those_of_their_tasks():
    record = graded([*map(result, checks_of("1.2", "3.2"))])
    tasks = {task.id: task.points for task in COURSE.tasks}
    expected = {1: tasks["1.2"], 2: 0, 3: tasks["3.2"]}
    assert {part.number: part.score for part in record.parts} == expected
    assert [task.id for task in record.tasks] == ["1.2", "3.2"]


def test_everything_passed_is_full_marks():
    record = graded([result(check.name) for task in COURSE.tasks for check in task.checks])
    assert record.score == record.points == COURSE.points
    assert {task.status for task in record.tasks} == {TaskStatus.PASSED}


def test_a_check_without_a_verdict_is_no_zero():
    missing, *kept = checks_of("2.2")
    results = [result(missing, CheckStatus.NOT_GRADED, Cause.UNDECIDED), *map(result, kept)]
    record = graded(results)
    assert record.status is RecordStatus.NOT_GRADED
    assert record.reason == "no verdict on task 2.2"


def test_the_submission_is_described_as_it_was_taken_in():
    record = graded([*map(result, checks_of("1.1"))])
    found = record.submission
    assert (found.path, found.sha256, found.files) == (str(PATH), "5ha256", 2)
    assert (found.left_out, found.file_notes) == (("notes.txt",), ("b.py: odd",))
    assert (found.experiment_notes, record.incidents) == (("a note",), ("an incident",))
    assert record.times == {"total": 2.0, "checks": 1.0}


def test_the_salt_itself_is_in_no_record():
    record = graded([*map(result, checks_of("1.1"))])
    assert COURSE.salt not in repr(record)
    other = replace(COURSE, salt="another")
    assert ungraded_record(other, PATH, "ada", RecordStatus.REFUSED, "").seed != record.seed


def test_a_refused_submission_scores_nothing_and_says_why():
    record = ungraded_record(COURSE, PATH, "ada", RecordStatus.REFUSED, "no rdlab")
    assert (record.score, record.points, record.tasks) == (0, COURSE.points, ())
    assert (record.status, record.reason) == (RecordStatus.REFUSED, "no rdlab")


def test_tasks_that_are_replaced_are_added_up_again():
    record = graded([*map(result, checks_of("1.1", "1.2"))])
    assert with_tasks(record, record.tasks[:1], COURSE).score == record.tasks[0].score


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([("passed", None), ("passed", None)], "passed"),
        ([("passed", None), ("failed", Cause.MISMATCH)], "partial"),
        ([("failed", Cause.MISMATCH), ("failed", Cause.NOT_STARTED)], "failed"),
        ([("failed", Cause.NOT_STARTED), ("failed", Cause.NOT_STARTED)], "not started"),
        ([("passed", None), ("not graded", Cause.UNDECIDED)], "not graded"),
    ],
)
def test_the_status_of_a_task(checks, expected):
    made = [make_check("a", status=status, cause=cause) for status, cause in checks]
    assert status_of(made) is TaskStatus(expected)


def test_titles_and_hints_are_the_courses_and_verdicts_stay():
    course = load_course(ROOT / "course.toml")
    task = course.tasks[0]
    check = make_check(task.checks[0].name, status="failed", points=1)
    gone = make_check("a check that is gone")
    record = make_record([make_task(task.id, "partial", [check, gone])])
    now = with_current_texts(record, course)
    [shown] = now.tasks
    assert (now.course, now.parts[0].title) == (course.title, course.parts[0].title)
    assert (shown.title, shown.checks[0].hint) == (task.title, task.checks[0].hint)
    assert (shown.checks[1], now.score) == (gone, record.score)
    assert shown.checks[0].status == "failed"
