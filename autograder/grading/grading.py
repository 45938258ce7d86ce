"""Grade a class: one process per submission, each giving one grade record.

Records are written as they come, by the one process that started the others. Stopped at any
moment, the same command goes on: a record that was made of the same (see `identity`) is kept.
"""

import ctypes
import fcntl
import itertools
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from filelock import FileLock, Timeout

from autograder.course import Course, CourseError
from autograder.files import write_whole
from autograder.grading.cache_key import identity, ingredients
from autograder.grading.job import Job
from autograder.intake.submission import Intake, IntakeError, collect
from autograder.judging.judge import run_checks, warm_up
from autograder.judging.score import graded_record, ungraded_record
from autograder.reports.feedback import render_html, render_markdown
from autograder.sandbox.sandbox import SandboxError, Tier

JUDGE_MEMORY = 8 << 30
LOCK_SECONDS = 10
"""A grader that was just killed may take a moment to be gone with all its processes."""
KEPT = b""
PR_SET_PDEATHSIG = 1
FEEDBACK = {"feedback.html": render_html, "feedback.md": render_markdown}

fork = multiprocessing.get_context("fork")


def grade_class(
    jobs: list[Job],
    out: Path,
    course: Course,
    tier: Tier,
    processes: int,
    on_record: Callable[[dict], None],
    *,
    fresh: bool = False,
    on_kept: Callable[[dict], None] | None = None,
) -> list[dict]:
    """Grade submissions in parallel; every record is on disk as soon as it is made.

    Args:
        jobs: the submissions.
        out: folder for the records: `out/<student>/record.json` and the feedback beside it.
        processes: how many run at once.
        on_record: called with each record as it comes.
        fresh: grade also what has a record that was made of the same.
        on_kept: called in place of `on_record` with a record that was kept.

    Returns:
        The records, in the order of the jobs.

    Raises:
        CourseError: another grader is writing to `out`.
        OSError: a record cannot be written; all earlier ones are.
    """
    records: dict[str, dict] = {}
    with claimed(out):
        ingredients(course, tier, ())  # digests are made once and kept
        warm_up()
        for job, text in _side_by_side(jobs, out, course, tier, processes, fresh):
            if text == KEPT:
                record = read_record(job, out)
                (on_kept or on_record)(record)
            else:
                record = finished(text, job, course)
                write_record(record, out)
                on_record(record)
            records[job.student] = record
    return [records[job.student] for job in jobs]


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Keep every other grader out of a folder of records, as long as the block lasts."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".lock", timeout=LOCK_SECONDS):
            yield
    except Timeout:
        raise CourseError(
            f"another grader is writing to {out}: wait for it, or choose another --out"
        ) from None


def _side_by_side(
    jobs: list[Job], out: Path, course: Course, tier: Tier, processes: int, fresh: bool
) -> Iterator[tuple[Job, bytes | None]]:
    """Each job with the text of its record, KEPT, or None if its process died."""
    waiting = list(reversed(jobs))
    running: dict[Connection, tuple[BaseProcess, Job]] = {}
    with _stopping(running):
        while waiting or running:
            while waiting and len(running) < processes:
                job = waiting.pop()
                previous = None if fresh else read_record(job, out)
                process, answer = _start(_grade, job, course, tier, previous)
                running[answer] = process, job
            for answer in wait(list(running)):
                process, job = running.pop(answer)
                yield job, _received(process, answer)


@contextmanager
def _stopping(running: dict[Connection, tuple[BaseProcess, Job]]) -> Iterator[None]:
    """End what still runs when the block is left early; sandboxes die with their process."""
    try:
        yield
    finally:
        for process, _ in running.values():
            process.terminate()
        for process, _ in running.values():
            process.join()


def _start(work: Callable[..., bytes], *arguments) -> tuple[BaseProcess, Connection]:
    """Run `work(*arguments)` in a process that dies with this one; what it gives comes back."""
    answer, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=_run, args=(theirs, work, *arguments))
    process.start()
    theirs.close()
    return process, answer


def _received(process: BaseProcess, answer: Connection) -> bytes | None:
    """What a process of `_start` sent, or None if it died before."""
    try:
        return answer.recv_bytes()
    except (EOFError, OSError):
        return None
    finally:
        process.join()
        answer.close()


def _run(theirs: Connection, work: Callable, *arguments) -> None:
    signal.signal(signal.SIGTERM, lambda *_: exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    theirs.send_bytes(work(*arguments))


def die_with_parent() -> None:
    """Let this process be killed when the one that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _grade(job: Job, course: Course, tier: Tier, previous: dict | None) -> bytes:
    """Grade one submission in a process of its own; gives the text of its record, or KEPT."""

    def take_in(folder: Path) -> Intake:
        return collect(job.path, folder, course.limits)

    record = grade(job, course, tier, take_in, previous)
    if record == previous and record["status"] != "not graded":
        return KEPT
    return json.dumps(record).encode()


def grade(
    job: Job,
    course: Course,
    tier: Tier,
    take_in: Callable[[Path], Intake],
    previous: dict | None = None,
) -> dict:
    """The record of one submission, or the previous one where that was made of the same.

    pytest keeps state in its process: call this once per process.

    Args:
        take_in: lays the submission out in a folder. Raises IntakeError to refuse it.
        previous: the record that there is already.
    """
    resource.setrlimit(resource.RLIMIT_AS, (JUDGE_MEMORY, JUDGE_MEMORY))
    scratch = None
    try:
        slot = _claim_slot()
        scratch = Path(tempfile.mkdtemp(prefix="rdlab-intake-"))
        start = time.monotonic()
        intake = take_in(scratch / "submission")
        made_of = identity(ingredients(course, tier, job.tasks), intake)
        if is_made_of(previous, job, made_of):
            return previous
        deadline = start + job.seconds
        verdict = run_checks(scratch / "submission", course, tier, slot, job.tasks, deadline)
        seconds = time.monotonic() - start
        record = graded_record(course, job.path, intake, verdict, tier, seconds)
        return {**record, "student": job.student, "identity": made_of}
    except IntakeError as error:
        status, reason = "refused", str(error)
    except (SandboxError, OSError) as error:
        status, reason = "not graded", f"{error}: mend this and grade again"
    except Exception:  # whatever the grader's own fault is, it is recorded, never a silent zero
        status, reason = "not graded", "the grader failed: " + traceback.format_exc(limit=-3)
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
    return ungraded_record(course, job.path, job.student, status, reason)


def _claim_slot() -> int:
    """A number that no other grader on this machine has until this process ends.

    Temporary files go to a folder of that number; what a killed grader left there is removed.
    """
    home = Path(tempfile.gettempdir()) / f"rdlab-{os.getuid()}"
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.getuid():
        raise OSError(f"{home} belongs to somebody else: remove it, or set TMPDIR")
    for slot in itertools.count():
        lock = os.open(home / f"{slot}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            os.close(lock)
    folder = home / str(slot)
    subprocess.run(["rm", "-rf", "--", folder], check=True)  # rmtree recurses
    folder.mkdir(mode=0o711)
    tempfile.tempdir = str(folder)
    return slot


def is_made_of(record: dict | None, job: Job, made_of: str) -> bool:
    """Whether a record need not be made again: graded to the end, and made of the same."""
    if record is None or record["status"] != "graded" or record["student"] != job.student:
        return False
    return record.get("identity") == made_of and "earlier" not in record  # see regrade


def read_record(job: Job, out: Path) -> dict | None:
    """The record that a submission has; None if there is none, or a damaged one."""
    try:
        record = json.loads((out / job.student / "record.json").read_text(encoding="utf-8"))
        return record if {"status", "student", "tasks"} <= record.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def finished(text: bytes | None, job: Job, course: Course) -> dict:
    """The record that a grading process sent, or one that says that it died."""
    if text is not None:
        return json.loads(text)
    reason = "the process that graded it was killed, perhaps for want of memory: grade it again"
    return ungraded_record(course, job.path, job.student, "not graded", reason)


def write_record(record: dict, out: Path) -> None:
    """Write a record and its feedback; each file appears whole or not at all.

    The record comes last: where there is one, there is its feedback.
    """
    folder = out / record["student"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, render in FEEDBACK.items():
        write_whole(folder / name, render(record))
    write_whole(folder / "record.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")
