"""From records to everything that is handed out: feedback, gradebook, class report."""

from pathlib import Path

from autograder import ROOT
from autograder.course import Course
from autograder.files import write_whole
from autograder.reports.adjustments import Decisions
from autograder.reports.class_report import render_report
from autograder.reports.feedback import render_html, render_markdown
from autograder.reports.gradebook import gradebook_csv
from autograder.reports.grades import Grade, grade_of
from autograder.reports.similarity import find_similar


def publish(
    records: list[dict],
    submissions: dict[str, Path],
    course: Course,
    decisions: Decisions,
    out: Path,
) -> list[Grade]:
    """Write feedback with the final scores, gradebook.csv and report.html; records are only read.

    Args:
        submissions: the path of each submission, by student, to look for similar passages.
        out: the folder of the records.
    """
    grades = [grade_of(record, course, decisions) for record in records]
    for grade, record in zip(grades, records, strict=True):
        write_feedback(record, grade, out)
    write_whole(out / "gradebook.csv", gradebook_csv(grades))
    present = {student: path for student, path in submissions.items() if path.exists()}
    similar = find_similar(present, course, [ROOT / "assignment", ROOT / "solution"])
    write_whole(out / "report.html", render_report(grades, similar))
    return grades


def write_feedback(record: dict, grade: Grade, out: Path) -> None:
    """The pages of one student, as they stand after lateness and decisions by hand."""
    folder = out / record["student"]
    write_whole(folder / "feedback.html", render_html(record, grade))
    write_whole(folder / "feedback.md", render_markdown(record, grade))
