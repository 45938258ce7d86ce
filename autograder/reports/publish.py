"""From records to everything that is handed out: feedback, gradebook, class report.

This is the one place where pages are written: at the end of `grade` and `regrade`, and by
`gradebook`. So where there is a record, even of a grading that was interrupted, `gradebook` or the
same command again gives its feedback.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from autograder import ROOT
from autograder.course import Course
from autograder.files import write_whole
from autograder.intake.modules import Kept, earlier_kept, read_kept
from autograder.judging.record import Record
from autograder.judging.score import with_current_texts
from autograder.reports.adjustments import Decisions, with_file_times, with_members
from autograder.reports.alike import Alike
from autograder.reports.class_report import graded_alone, render_report
from autograder.reports.feedback import render_html, render_markdown
from autograder.reports.gradebook import GRADEBOOK, gradebook_csv
from autograder.reports.grades import Grade, grade_of, without_held_back
from autograder.reports.item_analysis import analyse, statistics_csv
from autograder.reports.leaderboard import leaderboard_csv, leaderboard_html
from autograder.reports.published import Published
from autograder.typed_json import from_json, to_json


def publish(records: list[Record], course: Course, decisions: Decisions, out: Path) -> list[Grade]:
    """Write feedback with the final scores, the class files; records are only read.

    What is there and was made of the same is not made again.

    Args:
        out: the folder of the records.
    """
    published = Published(out, course)
    times, similar = _of_submissions(records, course, published)
    if course.late:
        decisions = with_file_times(decisions, times, course.late)
    records = [with_current_texts(record, course) for record in records]
    decisions = with_members(decisions)
    records += _of_members(records, decisions)
    grades = [grade_of(record, course, decisions) for record in records]
    for grade in grades:
        told = without_held_back(grade.record, course, grade.due)
        write = partial(write_feedback, told, replace(grade, record=told), course, out)
        published.pages(told, grade, write, whole=told is grade.record)
    write_whole(out / GRADEBOOK, gradebook_csv(grades, decisions.missing))
    own = [grade for grade in grades if not grade.shared_by]
    analysis = analyse(graded_alone(own))
    report = render_report(grades, analysis, similar, decisions.missing, decisions.problems)
    write_whole(out / "report.html", report)
    write_whole(out / "statistics.csv", statistics_csv(analysis))
    if course.leaderboard:
        write_whole(out / "leaderboard.html", leaderboard_html(own))
        write_whole(out / "leaderboard.csv", leaderboard_csv(own))
    published.save()
    return grades


def _of_members(records: list[Record], decisions: Decisions) -> list[Record]:
    """Return the records of those for whom another member of their group has handed in."""
    by_student = {record.student: record for record in records}
    return [
        replace(by_student[owner], student=member)
        for member, owner in decisions.members.items()
        if owner in by_student
    ]


def _of_submissions(
    records: list[Record], course: Course, published: Published
) -> tuple[dict[str, float | None], list[Alike]]:
    """Return the file time of each student's submission, and which of them are similar."""

    def make() -> dict[str, Any]:
        from autograder.reports.similarity import find_similar

        kept = _kept(records, published.out)
        before = earlier_kept(earlier, course) if earlier else {}
        similar = find_similar(kept, ROOT / "assignment", ROOT / "solution", before)
        return {
            "times": {student: each.modified for student, each in kept.items()},
            "similar": [to_json(group) for group in similar],
        }

    earlier = ROOT / course.earlier if course.earlier else None
    made_of = published.made_of_submissions(records, earlier)
    found = published.results("submissions", made_of, make)
    return found["times"], [from_json(Alike, group) for group in found["similar"]]


def write_feedback(record: Record, grade: Grade, course: Course, out: Path) -> None:
    """Write the pages of one student, as they stand after lateness and decisions by hand."""
    folder = out / record.student
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "feedback.html", render_html(record, grade, course.regrade_requests))
    write_whole(folder / "feedback.md", render_markdown(record, grade, course.regrade_requests))


def _kept(records: list[Record], out: Path) -> dict[str, Kept]:
    """Return what is kept of each student's submission; nothing is unpacked again."""
    return {
        record.student: read_kept(out / record.student, record.submission.sha256) or Kept()
        for record in records
    }
