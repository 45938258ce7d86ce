"""Grade a class: one process per submission, each leaving one grade record."""

import json
import math
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

from autograder.course import Course
from autograder.feedback import render_html, render_markdown
from autograder.intake import IntakeError, collect
from autograder.judge import run_checks
from autograder.sandbox import SandboxError, Tier
from autograder.score import graded_record, ungraded_record

JUDGE_MEMORY = 8 << 30

fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Job:
    """One submission to grade; `student` names its folder in the output."""

    path: Path
    student: str
    tasks: frozenset[str] = frozenset()
    seconds: float = math.inf
    """On the clock, for all checks together; those without a verdict by then are not graded."""


def grade_class(
    jobs: list[Job],
    out: Path,
    course: Course,
    tier: Tier,
    processes: int,
    on_record: Callable[[dict], None],
) -> list[dict]:
    """Grade submissions in parallel; every record is on disk as soon as it is made.

    Args:
        jobs: the submissions.
        out: folder for the records: `out/<student>/record.json` and the feedback beside it.
        processes: how many run at once.
        on_record: called with each record as it comes.

    Returns:
        The records, in the order of the jobs.
    """
    waiting, slots = list(reversed(jobs)), list(range(processes))
    running: dict = {}
    records: dict[str, dict] = {}
    with _stopping(running):
        while waiting or running:
            while waiting and slots:
                job, slot = waiting.pop(), slots.pop()
                process = fork.Process(target=_grade, args=(job, out, course, tier, slot))
                process.start()
                running[process.sentinel] = process, job, slot
            for sentinel in wait(running):
                process, job, slot = running.pop(sentinel)
                process.join()
                slots.append(slot)
                records[job.student] = _finished(process.exitcode, job, out, course)
                on_record(records[job.student])
    return [records[job.student] for job in jobs]


@contextmanager
def _stopping(running: dict) -> Iterator[None]:
    """End what still runs when the block is left early; sandboxes die with their process."""
    try:
        yield
    finally:
        for process, _, _ in running.values():
            process.terminate()
        for process, _, _ in running.values():
            process.join()


def _grade(job: Job, out: Path, course: Course, tier: Tier, slot: int) -> None:
    """Grade one submission in this process and write its record."""
    signal.signal(signal.SIGTERM, lambda *_: exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (JUDGE_MEMORY, JUDGE_MEMORY))
    start = time.monotonic()
    scratch = Path(tempfile.mkdtemp(prefix="rdlab-intake-"))
    try:
        intake = collect(job.path, scratch / "submission", course.limits)
        deadline = start + job.seconds
        verdict = run_checks(scratch / "submission", course, tier, slot, job.tasks, deadline)
        seconds = time.monotonic() - start
        record = graded_record(course, job.path, intake, verdict, tier, seconds)
        write_record({**record, "student": job.student}, out)
        return
    except IntakeError as error:
        status, reason = "refused", str(error)
    except (SandboxError, OSError) as error:
        status, reason = "not graded", str(error)
    except Exception:  # whatever the grader's own fault is, it is recorded, never a silent zero
        status, reason = "not graded", "the grader failed: " + traceback.format_exc(limit=-3)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    write_record(ungraded_record(course, job.path, job.student, status, reason), out)


def _finished(code: int, job: Job, out: Path, course: Course) -> dict:
    path = out / job.student / "record.json"
    if code == 0 and path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    reason = f"the process that graded it ended with code {code}: grade it again"
    record = ungraded_record(course, job.path, job.student, "not graded", reason)
    write_record(record, out)
    return record


def write_record(record: dict, out: Path) -> None:
    """Write a record and its feedback; each file appears whole or not at all."""
    folder = out / record["student"]
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "feedback.html", render_html(record))
    write_whole(folder / "feedback.md", render_markdown(record))
    write_whole(folder / "record.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that no reader, and no crash, ever sees a part of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
