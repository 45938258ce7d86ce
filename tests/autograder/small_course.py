"""A course of three tasks that is due, and records of its submissions."""

from datetime import datetime
from zoneinfo import ZoneInfo

from autograder.course import Course, Late, Part, Task
from autograder.judging.record import Isolation, PartRecord, Submission
from tests.autograder.records import make_record

BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 11, 30, 23, 59, tzinfo=BERLIN)
LATE = Late(DUE, BERLIN, 10, grace_minutes=15, cap_percent=50, days=7)
TASKS = tuple(
    Task(id, f"Title {id}", None, None, None, 10, (), False, ()) for id in ("1.1", "1.2", "2.1")
)
PARTS = (Part(1, "First", 20), Part(2, "Second", 10))
COURSE = Course("The course", 30, "salt", None, PARTS, TASKS, LATE)


def record(tasks=(), student="ada", status="graded", reason="", **more):
    parts = [
        PartRecord(
            part.number,
            part.title,
            sum(t.score for t in tasks if t.id.startswith(str(part.number))),
            part.points,
        )
        for part in PARTS
    ]
    made = {
        "submission": Submission(f"/srv/class/{student}.zip", "ab" * 32, 7),
        "points": 30,
        "reason": reason,
        "parts": tuple(parts) if tasks else (),
        "isolation": Isolation("bubblewrap"),
        "versions": {"checks": "one"},
        "incidents": (),
    }
    return make_record(tasks, student, status, **made | more)
