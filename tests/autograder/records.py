"""Grade records for tests, made as the judge would make them."""

import json
from dataclasses import replace

from autograder.judging.record import (
    Cause,
    CheckRecord,
    CheckStatus,
    Isolation,
    PartRecord,
    Record,
    RecordStatus,
    Submission,
    TaskRecord,
    TaskStatus,
    to_text,
)

CHANGING = ("seconds", "times", "student", "path")

EVIDENCE = {
    "call": "gaussian_kl(the_argument)",
    "returned": "tensor the_answer",
    "expected": "tensor the_truth",
    "message": "values differ the_message",
}


def make_check(name, visibility="public", status="passed", points=2, **more) -> CheckRecord:
    passed = status == "passed"
    check = CheckRecord(
        name=name,
        title=f"Title of {name}",
        visibility=visibility,
        status=CheckStatus(status),
        points=points,
        earned=points if passed else 0,
        hint=f"Hint for {name}",
        cause=None if passed else Cause.MISMATCH if status == "failed" else Cause.UNDECIDED,
        message="",
        call="",
        returned="",
        expected="",
        diagnosis="",
        seconds=0.01,
    )
    return replace(check, **more)


def make_task(id, status, checks, title="Task title {}") -> TaskRecord:
    score, points = sum(c.earned for c in checks), sum(c.points for c in checks)
    return TaskRecord(id, title.format(id), points, score, TaskStatus(status), tuple(checks))


def one_check(id, status="passed", points=10, **more) -> TaskRecord:
    """A task of one check, which is called after it."""
    alone = status if status in ("passed", "not graded") else "failed"
    check = make_check(f"check_{id}", status=alone, points=points, **more)
    return make_task(id, status, [check], title="Title {}")


def make_record(tasks=(), student="Anna Müller", status="graded", **more) -> Record:
    score, points = sum(t.score for t in tasks), sum(t.points for t in tasks)
    record = Record(
        course="The course",
        student=student,
        submission=Submission(
            path="/srv/class/anna.zip",
            sha256="abcdef0123456789" * 4,
            files=7,
            left_out=("notes.txt",),
            file_notes=("rdlab/probe.py line 3: invalid syntax",),
        ),
        score=score,
        points=100,
        status=RecordStatus(status),
        reason="",
        parts=(PartRecord(1, "The β-VAE", score, points),),
        tasks=tuple(tasks),
        isolation=Isolation("bubblewrap", "namespaces of secret-host"),
        versions={"torch": "2.99.1"},
        cache_key="",
        seed="5eed5eed",
        times={"total": 12.3},
        incidents=("the incident",),
    )
    return replace(record, **more)


def with_check(record: Record, task: int, check: int, **more) -> Record:
    """The record with some fields of one check changed."""
    checks = list(record.tasks[task].checks)
    checks[check] = replace(checks[check], **more)
    return with_task(record, task, checks=tuple(checks))


def with_task(record: Record, task: int, **more) -> Record:
    """The record with some fields of one task changed."""
    tasks = list(record.tasks)
    tasks[task] = replace(tasks[task], **more)
    return replace(record, tasks=tuple(tasks))


def with_submission(record: Record, **more) -> Record:
    """The record with some fields of its submission changed."""
    return replace(record, submission=replace(record.submission, **more))


def lasting(record: Record) -> str:
    """A record as text, without what tells one run from another."""
    return json.dumps(_without_changing(json.loads(to_text(record))))


def _without_changing(value):
    if isinstance(value, dict):
        return {key: _without_changing(part) for key, part in value.items() if key not in CHANGING}
    return [_without_changing(part) for part in value] if isinstance(value, list) else value
