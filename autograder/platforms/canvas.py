"""Grades and feedback pages into Canvas by its API: a grade and a comment with the page attached.

What is there already is left alone, so that the same command can be given again after an
interruption, or when a few pages are new. Needs `canvasapi`, which only this uses.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.platforms.lms import POINTS, points_of, to_hand_out
from autograder.reports.grades import Grade
from autograder.reports.roster import find_rows
from autograder.reports.times import canvas_list
from autograder.text import plural

ADDRESS = re.compile(
    r"(?P<site>https://[\w.-]+(?::\d+)?|http://(?:localhost|127\.0\.0\.1)(?::\d+)?)"
    r"/courses/(?P<course>\d+)/assignments/(?P<assignment>\d+)\b.*"
)
PAGE = "feedback.html"


@dataclass(frozen=True)
class Change:
    """What Canvas lacks of one student."""

    student: str
    submission: Any
    """canvasapi's."""
    score: float | None
    """The grade to set; None where it is there, or there is none."""
    page: Path | None
    """The page to attach; None where it is there."""


@dataclass
class Changes:
    """What Canvas lacks of a class."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    unlisted: list[str] = field(default_factory=list)
    """Students with feedback who are not in the course there."""
    unclear: list[str] = field(default_factory=list)
    """A sentence on each who may be several people there: left alone."""


def find_changes(
    address: str, token: str, grades: list[Grade], course: Course, out: Path
) -> Changes:
    """Compare the grades and pages in `out` with what Canvas has.

    Args:
        address: of the assignment, as the browser shows it.
        token: of somebody who may grade there.

    Raises:
        CourseError: the address is none, Canvas does not answer or refuses, the assignment is
            worth other points there, it is graded anonymously, or Canvas takes points off itself.
    """
    with _plain_errors(address):
        place, assignment = _assignment(address, token)
        _same_points(assignment, points_of(grades, course))
        wanted = ["user", "submission_comments"]
        submissions = list(assignment.get_submissions(include=wanted, per_page=100))
        deducts = _deducts(place)
    _refuse_anonymous(submissions)
    late = sum(bool(getattr(each, "late", False)) for each in submissions) if deducts else 0
    if late:
        raise CourseError(
            f"Canvas takes points off {plural(late, 'late submission')} itself, on top of what is "
            "taken off here: switch its late policy off (docs/handing-back.md says where)"
        )
    entries = [{"user": each.user, "user_id": each.user_id} for each in submissions]
    listed = canvas_list(Path("Canvas"), entries)
    theirs = {each.student: each for each in grades if to_hand_out(each)}
    people = {student: grade.person for student, grade in theirs.items() if grade.person}
    rows = find_rows(theirs, listed, people)
    found = Changes(unclear=list(dict.fromkeys(rows.unclear.values())))
    found.unlisted = sorted(theirs.keys() - rows.found.keys() - rows.unclear.keys())
    for student, row in sorted(rows.found.items()):
        change = _change(theirs[student], submissions[row], out)
        if change.score is None and change.page is None:
            found.unchanged += 1
        else:
            found.changes.append(change)
    return found


def hand_back(change: Change, address: str) -> None:
    """Attach the page as a comment, then set the grade.

    Raises:
        CourseError: Canvas does not answer, or refuses.
    """
    with _plain_errors(address), tempfile.TemporaryDirectory(prefix="rdlab-canvas-") as scratch:
        if change.page is not None:
            named = Path(scratch) / _name(change.page)
            shutil.copyfile(change.page, named)
            done, answer = change.submission.upload_comment(str(named))
            if not done:
                raise CourseError(f"Canvas did not take the page of {change.student}: {answer}")
        if change.score is not None:
            change.submission.edit(submission={"posted_grade": f"{change.score:.2f}"})


def _assignment(address: str, token: str) -> tuple[Any, Any]:
    """Return Canvas's course and assignment of this address."""
    from canvasapi import Canvas

    place = ADDRESS.fullmatch(address)
    if place is None:
        raise CourseError(
            f"{address!r} is no address of an assignment: copy it from the browser, as in "
            "https://canvas.uni.example/courses/12/assignments/34"
        )
    course = Canvas(place["site"], token).get_course(int(place["course"]))
    return course, course.get_assignment(int(place["assignment"]))


def _deducts(course: Any) -> bool:
    """Return whether Canvas takes points off late submissions of a course: not without a policy."""
    from canvasapi.exceptions import ResourceDoesNotExist

    try:
        policy = course.get_late_policy()
    except ResourceDoesNotExist:
        return False
    return bool(getattr(policy, "late_submission_deduction_enabled", False))


def _same_points(assignment: Any, ours: float) -> None:
    points = getattr(assignment, "points_possible", None)
    if points is not None and abs(points - ours) > POINTS:
        raise CourseError(
            f"the assignment has {points:g} points in Canvas and {ours:g} in course.toml and the "
            "rubric: make them the same"
        )


def _refuse_anonymous(submissions: list[Any]) -> None:
    """Refuse submissions without names: nothing would say whose grade is whose."""
    if not all(hasattr(each, "user") and hasattr(each, "user_id") for each in submissions):
        raise CourseError(
            "Canvas does not say whose submissions these are: switch anonymous grading off in the "
            "assignment"
        )


def _change(grade: Grade, submission: Any, out: Path) -> Change:
    page = out / grade.student / PAGE
    there = {
        file.get(key, "")
        for comment in getattr(submission, "submission_comments", None) or []
        for file in comment.get("attachments") or []
        for key in ("display_name", "filename")
    }
    score = getattr(submission, "score", None)
    same = score is not None and abs(score - round(grade.score, 2)) < POINTS
    return Change(
        grade.student,
        submission,
        None if same or not grade.decided else grade.score,
        None if _name(page) in there else page,
    )


def _name(page: Path) -> str:
    """Return the page's name in Canvas, another one for another content."""
    digest = hashlib.sha256(page.read_bytes()).hexdigest()
    return f"{page.stem}-{digest[:8]}{page.suffix}"


@contextmanager
def _plain_errors(address: str) -> Iterator[None]:
    """Say in one sentence what Canvas or the network has refused."""
    try:
        from canvasapi import exceptions
        from requests import RequestException
    except ImportError:
        raise CourseError(
            "canvasapi is not installed: `make canvas` installs it, or pip install canvasapi"
        ) from None
    try:
        yield
    except (exceptions.InvalidAccessToken, exceptions.Unauthorized):
        raise CourseError(
            "Canvas refuses the token: make one in Canvas (Account → Settings → New access "
            "token) as somebody who may grade, and give it as CANVAS_TOKEN"
        ) from None
    except exceptions.ResourceDoesNotExist:
        raise CourseError(f"Canvas has no assignment {address}: check the address") from None
    except (exceptions.CanvasException, RequestException, ValueError) as error:
        what = " ".join(str(error).split())[:200]
        raise CourseError(
            f"Canvas does not do it ({what}): give the command again later; what is there "
            "already is not sent twice"
        ) from None
