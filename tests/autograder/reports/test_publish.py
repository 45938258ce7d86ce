"""What is handed out is written in one place, from the records alone."""

import csv

from autograder import ROOT
from autograder.course import load_course
from autograder.reports.adjustments import Decisions
from autograder.reports.publish import publish
from tests.autograder.records import make_record, one_check

COURSE = load_course(ROOT / "course.toml")


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
    assert names == ["feedback.html", "feedback.md", "gradebook.csv", "report.html"]
