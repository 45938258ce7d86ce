"""Regrades: what changes and why is shown first, decisions by hand stay, nothing is lost."""

import io
import shutil
from dataclasses import replace
from datetime import datetime

import pytest

import autograder.__main__ as cli
from autograder.commands.regrade import regrade_jobs, write_regrade
from autograder.commands.shared import the_course
from autograder.course import CourseError
from autograder.grading import grading
from autograder.grading.job import Job
from autograder.intake.modules import Kept, Module, read_kept, write_kept
from autograder.intake.reading import read_submission
from autograder.judging.record import (
    Earlier,
    Isolation,
    RecordStatus,
    from_text,
    read_record,
    write_record,
)
from autograder.reports.adjustments import Decisions, Override
from autograder.reports.regrade import compare, describe, differences, merged
from autograder.sandbox import sandbox
from tests.autograder.records import make_check, make_task, with_submission
from tests.autograder.records import one_check as task
from tests.autograder.small_course import COURSE, record

NOW = datetime(2026, 12, 5, 10, 30)

OLD = record([task("1.1"), task("1.2", "failed"), task("2.1")])
CHANGED = {"checks": "two"}
BETTER = record([task("1.2")], versions=CHANGED)
OTHER = "cd" * 32


def lines(before, graded):
    return list(describe(compare(before, graded, COURSE, Decisions())))


def test_tasks_that_were_not_graded_again_keep_their_results():
    after = merged(OLD, BETTER, COURSE)
    assert [t.id for t in after.tasks] == ["1.1", "1.2", "2.1"]
    assert (after.score, [part.score for part in after.parts]) == (30, [20, 10])
    assert after.versions == CHANGED
    assert after.earlier == Earlier(("1.1", "2.1"), {"checks": "one"})


def test_results_of_another_submission_are_never_mixed_in():
    other = with_submission(BETTER, sha256=OTHER)
    assert merged(OLD, other, COURSE) == other


def test_a_task_without_a_verdict_makes_the_whole_undecided_and_a_verdict_mends_it():
    undecided = record([task("1.2", "not graded")], status="not graded")
    assert merged(OLD, undecided, COURSE).status is RecordStatus.NOT_GRADED
    lost = merged(OLD, undecided, COURSE)
    assert merged(lost, BETTER, COURSE).status is RecordStatus.GRADED
    assert compare(OLD, undecided, COURSE, Decisions()).failed_to_regrade
    assert not compare(lost, undecided, COURSE, Decisions()).failed_to_regrade


def test_who_what_and_why_is_said():
    failing = task("1.2", "failed", message="the values differ,\nat most by 2")
    before = record([task("1.1"), failing, task("2.1")])
    assert lines(before, BETTER) == [
        "ada: 20 → 30",
        "  task 1.2, check_1.2: failed → passed, 0 → 10; before: the values differ, at most by 2",
        "  why: the checks or course.toml were changed",
    ]


def test_points_that_changed_and_checks_that_came_or_went_are_named():
    checks = [make_check("check_1.2", status="failed", points=4), make_check("newer", points=6)]
    told = lines(OLD, record([make_task("1.2", "failed", checks)], versions=CHANGED))
    assert told[0] == "ada: 20 → 26"
    assert "  task 1.2, check_1.2: failed → failed, 0 → 0 (worth 10 → 4)" in told
    assert "  task 1.2, newer: new, passed, 6" in told


def test_points_set_by_hand_stay_and_are_named():
    decisions = Decisions({}, {}, {"ada": (Override("1.2", 5, "the reason"),)})
    regrade = compare(OLD, BETTER, COURSE, decisions)
    assert (regrade.old.score, regrade.new.score, regrade.changes) == (25, 25, True)
    told = list(describe(regrade))
    assert told[:3] == [
        "ada: 25 → 25",
        "  autograder score: 20 → 30",
        "  stays by hand: task 1.2, 5 (the reason)",
    ]


def test_every_difference_between_two_gradings_is_named():
    other = replace(
        with_submission(OLD, sha256=OTHER),
        versions={"checks": "one", "torch": "3.0"},
        seed="other",
        isolation=Isolation("user"),
    )
    assert differences(OLD, other) == [
        "the submission is another one",
        "torch None → 3.0",
        "the salt is another one",
        "isolation bubblewrap → user",
    ]
    assert differences(OLD, OLD) == [
        "nothing else is different: this grading cannot be repeated, look into it"
    ]


@pytest.fixture
def submission(tmp_path):
    (tmp_path / "class/ada/rdlab").mkdir(parents=True)
    (tmp_path / "class/ada/rdlab/gaussian.py").write_text("# mine\n")
    return tmp_path / "class/ada"


def of(submission, **more):
    """The record of a submission as it is on disk, in the course as it is."""
    scratch = submission.parents[1] / "taken in"
    sha256 = read_submission(submission, scratch, the_course().limits).sha256
    shutil.rmtree(scratch)
    return replace(with_submission(OLD, sha256=sha256), **more)


def test_some_tasks_suffice_only_for_the_submission_that_was_graded(submission):
    job = Job(submission, "ada", frozenset(["1.2"]))
    same = of(submission)
    [some] = regrade_jobs([job], {"ada": same})
    assert some.tasks_of(same.submission.sha256) == job.tasks
    assert some.tasks_of(OTHER) == frozenset()
    undecided = replace(same, tasks=(), status=RecordStatus.NOT_GRADED)
    [full] = regrade_jobs([job], {"ada": undecided})
    assert full.tasks == frozenset()


def test_what_is_replaced_is_kept(tmp_path):
    write_record(OLD, tmp_path)
    scratch = tmp_path / "scratch"
    (scratch / "ada").mkdir(parents=True)
    mine = Kept(5.0, {"rdlab/probe.py": Module("# mine", ("",))})
    write_kept(scratch / "ada", "ab", mine)
    regrade = compare(OLD, BETTER, COURSE, Decisions())
    kept = write_regrade([regrade], scratch, tmp_path, NOW)
    assert read_record(tmp_path / "ada/record.json").score == 30
    assert read_kept(tmp_path / "ada", "ab") == mine
    assert from_text((kept / "ada.json").read_text()) == OLD
    assert "ada: 20 → 30" in (kept / "changes.txt").read_text()
    assert kept == tmp_path / "regrades/2026-12-05_10-30-00"


@pytest.fixture
def classroom(submission, tmp_path, monkeypatch):
    """A graded class of one, and a judge that has come to think better of task 1.2."""
    before = of(submission)
    write_record(before, tmp_path / "out")

    def grade_class(jobs, out, course, tier, processes, on_record):
        assert [(job.student, job.tasks) for job in jobs] == [("ada", {"1.2"})]
        return [of(submission, tasks=(task("1.2"),), versions=CHANGED)]

    monkeypatch.setattr(grading, "grade_class", grade_class)
    monkeypatch.setattr(sandbox, "choose_tier", lambda tier: "process")
    return ["regrade", str(submission.parent), "--out", str(tmp_path / "out"), "--only", "1.2"]


def score(tmp_path):
    return read_record(tmp_path / "out/ada/record.json").score


def test_nothing_is_written_before_a_yes(classroom, tmp_path, capsys):
    before = sorted(path.name for path in tmp_path.rglob("out/*"))
    assert cli.main(classroom) == 1
    shown = capsys.readouterr().out
    assert "ada: 20 → 30" in shown
    assert "nothing is written: add --yes to do it" in shown
    assert score(tmp_path) == 20
    assert sorted(path.name for path in tmp_path.rglob("out/*")) == before


@pytest.mark.parametrize(("answer", "found"), [("y\n", 30), ("n\n", 20), ("\n", 20), ("", 20)])
def test_at_a_terminal_the_question_is_asked(classroom, tmp_path, monkeypatch, answer, found):
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    assert cli.main(classroom) == int(found == 20)
    assert score(tmp_path) == found


def test_after_a_yes_all_that_is_handed_out_is_new(classroom, tmp_path, capsys):
    decision = '[[override]]\nstudent = "ada"\ntask = "1.1"\npoints = 1\nreason = "the reason"\n'
    (tmp_path / "class/adjustments.toml").write_text(decision)
    assert cli.main([*classroom, "--yes"]) == 0
    assert "ada: 11 → 21" in capsys.readouterr().out
    assert score(tmp_path) == 30, "an override has reached the judge's record"
    assert "21 / 30 points" in (tmp_path / "out/ada/feedback.md").read_text()
    assert "the reason" in (tmp_path / "out/report.html").read_text()
    assert "ada,graded,21,30,1.1," in (tmp_path / "out/gradebook.csv").read_text()


def test_a_stranger_cannot_be_graded_again(classroom, capsys):
    assert cli.main([*classroom, "--student", "eve"]) == 2
    assert "no graded submission is named 'eve'" in capsys.readouterr().err


def test_a_typing_error_in_the_decisions_is_found_before_anything_is_graded(
    classroom, tmp_path, capsys
):
    (tmp_path / "class/adjustments.toml").write_text("[[override]]\nstudent = 'eve'\n")
    assert cli.main(classroom) == 2
    assert cli.main(["grade", *classroom[1:]]) == 2
    assert capsys.readouterr().err.count("error: adjustments.toml [[override]]") == 2


def test_without_records_there_is_nothing_to_compare_with(classroom, tmp_path):
    arguments = cli.build_parser().parse_args([*classroom[:2], "--out", str(tmp_path / "none")])
    with pytest.raises(CourseError, match="holds no grade record"):
        arguments.run(arguments)
