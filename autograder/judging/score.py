"""From results to points: the one grade record that everything else is rendered from."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import ROOT
from autograder.course import Check, Course, Task
from autograder.intake.submission import Intake

if TYPE_CHECKING:  # gradebooks need no torch
    from autograder.judging.judge import Result, Verdict

FORMAT = 1
PACKAGES = ("torch", "numpy", "hypothesis", "pytest", "safetensors", "constriction")


def graded_record(
    course: Course, path: Path, intake: Intake, verdict: Verdict, tier: str, seconds: float
) -> dict:
    """The record of a submission whose checks were run.

    Points of checks that were not graded are missing from the score; the record's status then
    says "not graded", so that nobody takes a fault of the grader for a zero.
    """
    chosen = [task for task in course.tasks if task.checks[0].name in verdict.results]
    tasks = [_task(task, verdict.results, verdict.diagnoses) for task in chosen]
    record = _empty_record(course, path, intake.student)
    record["submission"] = {
        "path": str(path),
        "sha256": intake.sha256,
        "files": len(intake.files),
        "left_out": list(intake.left_out),
        "notes": [*intake.notes, *verdict.notes],
    }
    record |= summed(tasks, course) | {
        "isolation": {"tier": str(tier), "detail": verdict.isolation},
        "times": {"total": seconds, **verdict.times},
        "incidents": verdict.incidents,
    }
    return record


def summed(tasks: list[dict], course: Course) -> dict:
    """What a record says of its tasks together: score, points by part, whether all is decided."""
    undecided = [task["id"] for task in tasks if task["status"] == "not graded"]
    return {
        "score": sum(task["score"] for task in tasks),
        "status": "not graded" if undecided else "graded",
        "reason": f"no verdict on task {', '.join(undecided)}" if undecided else "",
        "parts": [_part(part.number, course, tasks) for part in course.parts],
        "tasks": tasks,
    }


def ungraded_record(course: Course, path: Path, student: str, status: str, reason: str) -> dict:
    """The record of a submission that was "refused", or "not graded" by a fault of the grader."""
    record = _empty_record(course, path, student)
    return record | {"status": status, "reason": reason}


def _empty_record(course: Course, path: Path, student: str) -> dict:
    return {
        "format": FORMAT,
        "course": course.title,
        "student": student,
        "submission": {"path": str(path), "sha256": "", "files": 0, "left_out": [], "notes": []},
        "score": 0,
        "points": course.points,
        "status": "",
        "reason": "",
        "parts": [],
        "tasks": [],
        "isolation": {"tier": "", "detail": ""},
        "versions": versions(),
        "identity": "",
        "seed": hashlib.sha256(course.salt.encode()).hexdigest()[:16],
        "times": {"total": 0.0},
        "incidents": [],
    }


def _task(task: Task, results: dict[str, Result], diagnoses: dict[str, str]) -> dict:
    checks = [_check(check, results[check.name], diagnoses) for check in task.checks]
    return {
        "id": task.id,
        "title": task.title,
        "points": task.points,
        "score": sum(check["earned"] for check in checks),
        "status": status_of(checks),
        "checks": checks,
    }


def status_of(checks: list[dict]) -> str:
    statuses = {check["status"] for check in checks}
    if "not graded" in statuses:
        return "not graded"
    if statuses == {"passed"}:
        return "passed"
    if all(check["message"].startswith("not started") for check in checks):
        return "not started"
    return "partial" if "passed" in statuses else "failed"


def _check(check: Check, result: Result, diagnoses: dict[str, str]) -> dict:
    return {
        "name": check.name,
        "title": check.title,
        "visibility": check.visibility,
        "status": result.status,
        "points": check.points,
        "earned": check.points if result.status == "passed" else 0,
        "hint": check.hint,
        "message": result.message,
        "call": result.call,
        "returned": result.returned,
        "expected": result.expected,
        "diagnosis": diagnoses.get(check.name, ""),
        "seconds": round(result.seconds, 4),
    }


def _part(number: int, course: Course, tasks: list[dict]) -> dict:
    part = next(part for part in course.parts if part.number == number)
    ids = {task.id for task in course.tasks if task.part == number}
    score = sum(task["score"] for task in tasks if task["id"] in ids)
    return {"number": number, "title": part.title, "score": score, "points": part.points}


@cache
def versions() -> dict[str, str]:
    """Versions of what took part in the grading; `checks` names course.toml and the tests."""
    digest = hashlib.sha256((ROOT / "course.toml").read_bytes())
    for file in sorted((ROOT / "tests").glob("*/*.py")):
        if file.parent.name in ("public", "hidden"):
            digest.update(file.read_bytes())
    packages = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **packages, "checks": digest.hexdigest()[:16]}
