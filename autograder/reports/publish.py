"""From records to everything that is handed out: feedback, gradebook, class report.

This is the one place where pages are written: at the end of `grade` and `regrade`, and by
`gradebook`. So where there is a record, even of a grading that was interrupted, `gradebook` or the
same command again gives its feedback.
"""

from pathlib import Path

from autograder import ROOT
from autograder.course import Course
from autograder.files import write_whole
from autograder.intake.modules import read_modules
from autograder.judging.record import Record
from autograder.judging.score import with_current_texts
from autograder.reports.adjustments import Decisions
from autograder.reports.class_report import render_report
from autograder.reports.feedback import render_html, render_markdown
from autograder.reports.gradebook import gradebook_csv
from autograder.reports.grades import Grade, grade_of
from autograder.reports.similarity import find_similar

RELEASED = ("assignment", "solution")
"""Folders whose passages are nobody's own: the stubs and the reference."""


def publish(records: list[Record], course: Course, decisions: Decisions, out: Path) -> list[Grade]:
    """Write feedback with the final scores, gradebook.csv and report.html; records are only read.

    Args:
        out: the folder of the records.
    """
    records = [with_current_texts(record, course) for record in records]
    grades = [grade_of(record, course, decisions) for record in records]
    for grade, record in zip(grades, records, strict=True):
        write_feedback(record, grade, out)
    write_whole(out / "gradebook.csv", gradebook_csv(grades, decisions.missing))
    similar = find_similar(_texts(records, out), course, [ROOT / folder for folder in RELEASED])
    report = render_report(grades, similar, decisions.missing, decisions.problems)
    write_whole(out / "report.html", report)
    return grades


def write_feedback(record: Record, grade: Grade, out: Path) -> None:
    """Write the pages of one student, as they stand after lateness and decisions by hand."""
    folder = out / record.student
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "feedback.html", render_html(record, grade))
    write_whole(folder / "feedback.md", render_markdown(record, grade))


def _texts(records: list[Record], out: Path) -> dict[str, dict[str, str]]:
    """The task modules of each student as grading has kept them; nothing is unpacked again."""
    return {
        record.student: read_modules(out / record.student, record.submission.sha256) or {}
        for record in records
    }
