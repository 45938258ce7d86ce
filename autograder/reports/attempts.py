"""Of several graded attempts of a student, the best one becomes the student's record."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder.course import Course
from autograder.grading.job import Job
from autograder.intake.deliveries import Delivery
from autograder.intake.modules import Kept, read_kept
from autograder.judging.record import Record
from autograder.reports.adjustments import Decisions
from autograder.reports.grades import grade_of

ATTEMPTS = "attempts"
"""The folder, in a student's folder of results, of the records of all attempts."""


def attempt_name(student: str, delivery: Delivery) -> str:
    """Return what a job on one attempt of a student is called."""
    return f"{student}/{ATTEMPTS}/{delivery.label}"


def settle_attempts(
    records: list[Record],
    course: Course,
    decisions: Decisions,
    out: Path,
    keep: Callable[..., Record],
) -> list[Record]:
    """Make the best attempt of each student the student's record; return a record per student.

    The best is the one with the highest final score, lateness included; of equal ones the last.

    Args:
        keep: `grading.keep`, which writes a record.
    """
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.student.partition(f"/{ATTEMPTS}/")[0], []).append(record)
    settled = []
    for student, group in groups.items():
        best = _best(student, group, course, decisions)
        if best.student != student:
            beside = read_kept(out / best.student, best.submission.sha256) or Kept()
            job = Job(Path(best.submission.path), student)
            best = keep(replace(best, student=student), beside, job, out, course)
        settled.append(best)
    return settled


def _best(student: str, group: list[Record], course: Course, decisions: Decisions) -> Record:
    return max(reversed(group), key=lambda record: _worth(student, record, course, decisions))


def _worth(
    student: str, record: Record, course: Course, decisions: Decisions
) -> tuple[bool, float]:
    submitted = decisions.by_path.get(Path(record.submission.path))
    at_its_time = replace(decisions, submitted={student: submitted} if submitted else {})
    grade = grade_of(replace(record, student=student), course, at_its_time)
    return grade.decided, grade.score
