"""What is handed out is written in one place, from the records alone."""

import csv
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from autograder import ROOT
from autograder.course import Gradescope, Submissions, load_course
from autograder.judging.record import read_record, write_record
from autograder.platforms.gradescope import results
from autograder.reports import publish as publish_module
from autograder.reports import similarity
from autograder.reports.adjustments import Decisions, Extension, Override
from autograder.reports.gradebook import load_records
from autograder.reports.grades import without_held_back
from autograder.reports.publish import publish
from tests.autograder.made_class import made_class
from tests.autograder.records import make_check, make_record, make_task, one_check

COURSE = load_course(ROOT / "course.toml")
CLASS_FILES = ["gradebook.csv", "report.html", "statistics.csv"]


def test_each_student_has_feedback_and_the_class_its_tables(tmp_path):
    records = [
        make_record([one_check("1.1", points=3)], student="ada"),
        make_record(student="blaise", status="refused", reason="it holds no rdlab"),
    ]
    grades = publish(records, COURSE, Decisions(), tmp_path)
    assert [(grade.student, grade.score) for grade in grades] == [("ada", 3), ("blaise", 0)]
    assert "3 / 100" in (tmp_path / "ada" / "feedback.md").read_text(encoding="utf-8")
    assert "it holds no rdlab" in (tmp_path / "blaise" / "feedback.html").read_text("utf-8")
    rows = (tmp_path / "gradebook.csv").read_text(encoding="utf-8").splitlines()
    assert [row["student"] for row in csv.DictReader(rows)] == ["ada", "blaise"]
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_records_are_only_read(tmp_path):
    publish([make_record([one_check("1.1")], student="ada")], COURSE, Decisions(), tmp_path)
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == [".published.json", "feedback.html", "feedback.md", *CLASS_FILES]


@pytest.fixture
def again(tmp_path, monkeypatch):
    """Publish a class of three again; whose pages were written, and how often was searched."""
    made_class(3, tmp_path / "class", tmp_path / "grades", COURSE)
    out, written = tmp_path / "grades", []
    write, search = publish_module.write_feedback, similarity.find_similar

    def write_and_note(record, *more):
        written.append(record.student)
        write(record, *more)

    def search_and_note(*arguments):
        written.append("search")
        return search(*arguments)

    monkeypatch.setattr(publish_module, "write_feedback", write_and_note)
    monkeypatch.setattr(similarity, "find_similar", search_and_note)

    def publish_again(decisions=None, course=COURSE):
        written.clear()
        publish(load_records(out), course, decisions or Decisions(), out)
        return list(written)

    assert publish_again() == ["search", *sorted(path.name for path in out.glob("*_*"))]
    return publish_again


def test_a_decision_costs_one_students_pages_and_no_search(tmp_path, again):
    first, second, third = sorted(path.name for path in (tmp_path / "grades").glob("*_*"))
    assert again() == []
    decisions = Decisions(overrides={second: (Override("1.1", 0, "copied"),)})
    assert again(decisions) == [second]
    assert "copied" in (tmp_path / "grades" / second / "feedback.md").read_text("utf-8")
    assert again(decisions) == []
    (tmp_path / "grades" / first / "feedback.md").unlink()
    assert again(decisions) == [first]
    record = read_record(tmp_path / "grades" / third / "record.json")
    write_record(replace(record, incidents=("a worker died",)), tmp_path / "grades")
    assert again() == [second, third]


def test_what_is_shown_to_all_is_made_again_for_all(tmp_path, again):
    assert len(again(course=replace(COURSE, title="Another title"))) == 4
    out = tmp_path / "grades"
    assert "Another title" in next(out.glob("*/feedback.md")).read_text("utf-8")
    (out / ".published.json").write_text("{")
    assert len(again()) == 4
    kept = next(out.glob("*/modules.json"))
    kept.write_text(kept.read_text("utf-8") + "\n", encoding="utf-8")
    assert again() == ["search"]


def test_diagnoses_of_hidden_checks_are_held_back_until_the_due_date(tmp_path):
    """Then the same records are published again, and students read them."""
    told = {"status": "failed", "earned": 0, "diagnosis": "the half is missing"}
    checks = [
        make_check("kl_by_hand", **told),
        make_check("kl_value", "hidden", **{**told, "diagnosis": "the sum is a mean"}),
    ]
    record = make_record(
        [make_task("1.2", "failed", checks)], student="ada", versions={"checks": "c0ffee"}
    )
    write_record(record, tmp_path)
    settings = Submissions(hidden_diagnoses="after_due_date")
    for days, held in ((1, True), (-1, False)):
        due = datetime.now(COURSE.late.timezone) + timedelta(days=days)
        course = replace(COURSE, late=replace(COURSE.late, due=due), submissions=settings)
        (grade,) = publish([record], course, Decisions(), tmp_path)
        for name in ("feedback.md", "feedback.html"):
            page = (tmp_path / "ada" / name).read_text(encoding="utf-8")
            assert "the half is missing" in page
            assert ("the sum is a mean" not in page) is held
        assert grade.record.tasks[0].checks[1].diagnosis, "the instructor reads it at any time"
        given = json.dumps(results(without_held_back(record, course, due), Gradescope()))
        assert ("the sum is a mean" not in given) is held
        late = Extension(datetime.now(COURSE.late.timezone) + timedelta(days=9), "ill")
        (grade,) = publish([record], course, Decisions(extensions={"ada": late}), tmp_path)
        page = (tmp_path / "ada" / "feedback.md").read_text(encoding="utf-8")
        assert "the sum is a mean" not in page, "this student's due date is a later one"


def test_by_default_nothing_is_held_back():
    assert COURSE.submissions.hidden_diagnoses == "always"
    record = make_record([one_check("1.1")])
    assert without_held_back(record, COURSE, datetime.now(COURSE.late.timezone)) is record
