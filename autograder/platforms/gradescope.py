"""Gradescope: autograder.zip, the grading in its container, and results.json.

There /autograder holds source/ (the zip, unpacked), submission/, submission_metadata.json and
results/. As root without namespaces, it grades in the user tier. What students see is put
together from the same record, in the same words, as everywhere else.
"""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.course import Course, Gradescope
from autograder.files import write_whole, write_zip
from autograder.grading.cache_key import SOURCES
from autograder.grading.job import Job
from autograder.intake.submission import safe_name
from autograder.judging.record import CheckStatus, Record, RecordStatus, TaskRecord, TaskStatus
from autograder.judging.score import status_of, ungraded_record
from autograder.reports.feedback import view
from autograder.reports.grades import without_held_back
from autograder.sandbox.tier import Tier
from autograder.text import number

PACKED = (
    "course.toml",
    "requirements.lock",
    "requirements-cuda.lock",
    "autograder/**/*",
    *(pattern for patterns in SOURCES.values() for pattern in patterns),
)
"""What grading depends on, and what the container is set up from."""
SCRIPTS = {"setup.sh": "gradescope_setup.sh", "run_autograder": "gradescope_run.sh"}
CHECKS_UNTIL, KILLED_AT = 0.85, 0.95
"""Shares of Gradescope's time after which no check begins, and after which grading is killed."""
NOT_FINISHED = "the autograder did not finish"
NO_VERDICT = "This is no verdict yet. Ask your instructor to have it graded again."
HIDDEN_LATER = {
    "after_due_date": "Hidden checks decide the rest; they are shown after the due date.",
    "after_published": "Hidden checks decide the rest; they are shown with the grades.",
    "hidden": "Hidden checks decide the rest.",
}


def pack_autograder(root: Path, course: Course, target: Path) -> Path:
    """Write the zip to be uploaded; the same bytes for the same course."""
    files: dict[str, bytes] = {}
    for pattern in PACKED:
        found = [file for file in sorted(root.glob(pattern)) if "__pycache__" not in file.parts]
        files |= {
            file.relative_to(root).as_posix(): file.read_bytes() for file in found if file.is_file()
        }
    seconds = f"{60 * course.gradescope.minutes * KILLED_AT:.0f}"
    for name, template in SCRIPTS.items():
        script = (root / "autograder" / "platforms" / "templates" / template).read_text(
            encoding="utf-8"
        )
        files[name] = script.replace("SECONDS", seconds).encode()
    unfinished = ungraded_record(course, Path(), "", RecordStatus.NOT_GRADED, NOT_FINISHED)
    files["not_graded.json"] = as_json(results(unfinished, course.gradescope)).encode()
    return write_zip(target, files, executable=SCRIPTS)


def grade_in_container(home: Path, course: Course, tier: Tier, tasks: frozenset[str]) -> Record:
    """Grade home/submission, write home/results/results.json, and return the record."""
    from autograder.grading.grading import grade_class

    seconds = 60 * course.gradescope.minutes * CHECKS_UNTIL
    job = Job(home / "submission", student(home), tasks, seconds)
    with tempfile.TemporaryDirectory(prefix="rdlab-gradescope-") as out:
        (record,) = grade_class([job], Path(out), course, tier, 1, lambda record: None)
    write_results(record, home, course)
    return record


def write_results(record: Record, home: Path, course: Course) -> None:
    """Put a record's results.json in the place of the one that stood there."""
    due = course.late.due if course.late else None
    told = results(without_held_back(record, course, due), course.gradescope)
    text = as_json(told | _leaderboard(record, course))
    write_whole(home / "results" / "results.json", text)


def student(home: Path) -> str:
    """Return the student's name, safe as a file name; "submission" where Gradescope gives none."""
    try:
        metadata = json.loads((home / "submission_metadata.json").read_text(encoding="utf-8"))
        name = ", ".join(user["name"] for user in metadata["users"])
    except (OSError, ValueError, KeyError, TypeError):
        return "submission"
    return safe_name(name)


def as_json(results: dict[str, Any]) -> str:
    """Return the text of results.json."""
    return json.dumps(results, indent=1, ensure_ascii=False) + "\n"


# results.json


def results(record: Record, settings: Gradescope) -> dict[str, Any]:
    """Return a record in Gradescope's format.

    Every check is one of its tests, with the points, the outcome and the words of the feedback.
    What a submission has not shown to be right has no points, also where the autograder could not
    decide; the first lines then say so, and extra_data has the status.
    """
    page = view(record)
    pairs = zip(record.tasks, page["tasks"], strict=True)
    tests = [test for task, shown in pairs for test in _tests(task, shown, settings)]
    return {
        "score": float(number(record.score)),
        "output": _summary(record, settings),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "extra_data": _extra(record),
        "tests": tests,
    }


def _leaderboard(record: Record, course: Course) -> dict[str, Any]:
    """Return Gradescope's leaderboard, where the course has one: measurements, less is better."""
    if not (course.leaderboard and record.costs):
        return {}
    return {
        "leaderboard": [
            {"name": label, "value": cost, "order": "asc"} for label, cost in record.costs.items()
        ]
    }


def _tests(task: TaskRecord, shown: dict[str, Any], settings: Gradescope) -> list[dict[str, Any]]:
    pairs = enumerate(zip(task.checks, shown["checks"], strict=True), 1)
    return [
        {
            "number": f"{task.id}.{position}",
            "name": f"{task.title}: {seen['title']}",
            "score": float(number(check.earned)),
            "max_score": float(number(check.points)),
            "status": "passed" if check.status is CheckStatus.PASSED else "failed",
            "visibility": settings.hidden_checks if seen["hidden"] else "visible",
            "output": _output(seen, shown, task.status is not TaskStatus.NOT_STARTED),
        }
        for position, (check, seen) in pairs
    ]


def _output(seen: dict[str, Any], shown: dict[str, Any], started: bool) -> str:
    lines = [(seen if started else shown)["status"]]
    lines += [seen[key] for key in ("explanation", "diagnosis") if seen[key]]
    lines += [f"Hint: {seen['hint']}"] if seen["hint"] else []
    for name, text in seen["evidence"]:
        lines += ["", f"{name}:", text]
    return "\n".join(lines)


def _summary(record: Record, settings: Gradescope) -> str:
    """Return the text above the checks; it tells nothing of hidden ones before they are shown."""
    shown = settings.hidden_checks == "visible" or not record.tasks
    page = view(record if shown else _public_part(record))
    lines = [page["outcome"] if shown else f"{page['outcome']} of the public checks"]
    if record.status is RecordStatus.NOT_GRADED:
        lines += [NO_VERDICT]
    lines += [f"{part['name']}: {part['points']}" for part in page["parts"]]
    if record.tasks or record.status is RecordStatus.REFUSED:
        lines += ["", "What to do next", *(f"- {step}" for step in page["steps"])]
    lines += [] if shown else ["", HIDDEN_LATER[settings.hidden_checks]]
    for heading, items in (("Notes", page["notes"]), ("Files ignored", page["left_out"])):
        lines += ["", heading, *(f"- {item}" for item in items)] if items else []
    return "\n".join([*lines, "", page["receipt"]]).rstrip()


def _public_part(record: Record) -> Record:
    """Return the record as it would be without hidden checks."""
    tasks = [public for task in record.tasks if (public := _public_checks(task)).checks]
    undecided = any(task.status is TaskStatus.NOT_GRADED for task in tasks)
    return replace(
        record,
        tasks=tuple(tasks),
        parts=(),
        score=sum(task.score for task in tasks),
        points=sum(task.points for task in tasks),
        status=RecordStatus.NOT_GRADED if undecided else RecordStatus.GRADED,
    )


def _public_checks(task: TaskRecord) -> TaskRecord:
    checks = tuple(check for check in task.checks if check.visibility == "public")
    return replace(
        task,
        checks=checks,
        points=sum(check.points for check in checks),
        score=sum(check.earned for check in checks),
        status=status_of(checks),
    )


def _extra(record: Record) -> dict[str, str]:
    """Return data that Gradescope keeps with a submission, to compare it with another record."""
    return {
        "status": record.status,
        "isolation": record.isolation.tier,
        "sha256": record.submission.sha256,
        "checks": record.versions["checks"],
    }
