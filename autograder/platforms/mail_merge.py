"""A table for mail programs that merge: a row per student, with the feedback page to attach."""

import csv
import io
from pathlib import Path

from autograder.platforms.lms import to_hand_out
from autograder.reports.gradebook import by_student, no_formula
from autograder.reports.grades import Grade
from autograder.text import number

HEADER = ("email", "name", "student", "score", "points", "subject", "attachment")


def mail_merge(grades: list[Grade], out: Path) -> tuple[str, list[str]]:
    """Return the table as CSV, and who has no address and is left out.

    Args:
        out: where the feedback pages are.
    """
    rows, without = [], []
    for grade in by_student(grades):
        person = grade.person
        if not to_hand_out(grade):
            continue
        if person is None or not person.email:
            without.append(grade.student)
            continue
        score = number(grade.score) if grade.decided else ""
        page = (out / grade.student / "feedback.html").resolve()
        subject = f"Feedback: {grade.record.course}"
        cells = [person.email, person.name or grade.student, grade.student, score]
        cells += [number(grade.points), subject, str(page)]
        rows.append([no_formula(cell) for cell in cells])
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])
    return file.getvalue(), without
