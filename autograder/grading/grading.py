"""Grade a class: one process per submission, each giving one grade record.

Records are written as they come, by the one process that started the others. If grading is
interrupted, the same command resumes: a record whose cache key matches is kept. No page is rendered
here: whatever has a record gets its feedback from `reports.publish`, at the end of the same command
or by `gradebook`.
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
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from autograder.course import Course, CourseError
from autograder.grading.cache_key import cache_inputs, cache_key
from autograder.grading.job import Job
from autograder.intake.modules import module_texts, read_modules, write_modules
from autograder.intake.submission import Intake, IntakeError, collect
from autograder.judging.judge import run_checks, share_checks, warm_up
from autograder.judging.record import (
    RECORD_FILE,
    Record,
    RecordError,
    RecordStatus,
    from_text,
    read_record,
    to_text,
    write_record,
)
from autograder.judging.score import graded_record, ungraded_record
from autograder.sandbox.sandbox import SandboxError, Tier

JUDGE_MEMORY = 8 << 30
LOCK_SECONDS = 10
"""A grader that was just killed may take a moment to be gone with all its processes."""
PR_SET_PDEATHSIG = 1

fork = multiprocessing.get_context("fork")


def grade_class(
    jobs: list[Job],
    out: Path,
    course: Course,
    tier: Tier,
    processes: int,
    on_record: Callable[[Record], None],
    *,
    fresh: bool = False,
    on_kept: Callable[[Record], None] | None = None,
) -> list[Record]:
    """Grade submissions in parallel; every record is on disk as soon as it is made.

    Args:
        jobs: the submissions.
        out: folder for the records, `out/<student>/record.json`, each with the text of the task
            modules beside it.
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
    records: dict[str, Record] = {}

    def work() -> None:
        for job, answer in _side_by_side(jobs, out, course, tier, processes, fresh):
            record, kept = _on_disk(answer, job, out, course)
            (on_kept or on_record if kept else on_record)(record)
            records[job.student] = record

    with claimed(out):
        cache_inputs(course, tier, ())  # digests are made once and kept
        warm_up(course)
        share_checks(course, work)
    return [records[job.student] for job in jobs]


def _on_disk(answer: bytes | None, job: Job, out: Path, course: Course) -> tuple[Record, bool]:
    """Write what a grading process sent; return the record and whether it is an earlier one."""
    record, texts = _unpacked(answer, job, course)
    kept = record is None
    record = earlier_record(job, out) if record is None else record
    assert record is not None, "a record that was kept is gone"
    keep(record, texts, out, new=not kept)
    return record, kept


def keep(record: Record, texts: dict[str, str], out: Path, *, new: bool = True) -> None:
    """Write a record, and before it the task modules' texts where they are not there yet.

    Args:
        new: False for a record that is on disk already.
    """
    folder, sha256 = out / record.student, record.submission.sha256
    if read_modules(folder, sha256) != texts:
        folder.mkdir(parents=True, exist_ok=True)
        write_modules(folder, sha256, texts)
    if new:
        write_record(record, out)


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
    """Each job with the answer of `_grade`, or None if its process died."""
    waiting = list(reversed(jobs))
    running: dict[Connection, tuple[BaseProcess, Job]] = {}
    with _stopping(running):
        while waiting or running:
            while waiting and len(running) < processes:
                job = waiting.pop()
                previous = None if fresh else earlier_record(job, out)
                process, answer = _start(_grade, job, course, tier, previous)
                running[answer] = process, job
            ready = wait(list(running))
            for answer in [each for each in running if each in ready]:
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


def _start(work: Callable[..., bytes], *arguments: Any) -> tuple[BaseProcess, Connection]:
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


def _run(theirs: Connection, work: Callable[..., bytes], *arguments: Any) -> None:
    signal.signal(signal.SIGTERM, lambda *_: exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    theirs.send_bytes(work(*arguments))


def die_with_parent() -> None:
    """Let this process be killed when the one that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _grade(job: Job, course: Course, tier: Tier, previous: Record | None) -> bytes:
    """Grade one submission in a process of its own; gives what `_unpacked` reads."""
    texts: dict[str, str] = {}

    def take_in(folder: Path) -> Intake:
        intake = collect(job.path, folder, course.limits)
        texts.update(module_texts(folder, course))
        return intake

    record = grade(job, course, tier, take_in, previous)
    kept = record == previous and record.status is not RecordStatus.NOT_GRADED
    return json.dumps({"record": None if kept else to_text(record), "texts": texts}).encode()


def _unpacked(
    answer: bytes | None, job: Job, course: Course
) -> tuple[Record | None, dict[str, str]]:
    """The record, or None where the earlier one is kept, and the task modules' texts."""
    if answer is None:
        return finished(None, job, course), {}
    content = json.loads(answer)
    text = content["record"]
    return None if text is None else finished(text, job, course), content["texts"]


def grade(
    job: Job,
    course: Course,
    tier: Tier,
    take_in: Callable[[Path], Intake],
    previous: Record | None = None,
) -> Record:
    """Return the record of one submission, or the previous one where its cache key matches.

    pytest keeps state in its process: call this once per process.

    Args:
        take_in: lays the submission out in a folder. Raises IntakeError to refuse it.
        previous: the record that there is already.
    """
    resource.setrlimit(resource.RLIMIT_AS, (JUDGE_MEMORY, JUDGE_MEMORY))
    try:
        return _graded(job, course, tier, take_in, previous)
    except IntakeError as error:
        status, reason = RecordStatus.REFUSED, str(error)
    except (SandboxError, OSError) as error:
        status, reason = RecordStatus.NOT_GRADED, f"{error}: fix this and grade again"
    except Exception:  # whatever the grader's own fault is, it is recorded, never a silent zero
        status = RecordStatus.NOT_GRADED
        reason = "the grader failed: " + traceback.format_exc(limit=-3)
    return ungraded_record(course, job.path, job.student, status, reason)


def _graded(
    job: Job,
    course: Course,
    tier: Tier,
    take_in: Callable[[Path], Intake],
    previous: Record | None,
) -> Record:
    slot = _claim_slot()
    scratch = Path(tempfile.mkdtemp(prefix="rdlab-intake-"))
    try:
        start = time.monotonic()
        intake = take_in(scratch / "submission")
        tasks = job.tasks_of(intake.sha256)
        key = cache_key(cache_inputs(course, tier, tasks), intake)
        if previous is not None and is_up_to_date(previous, job, key):
            return previous
        deadline = start + job.seconds
        verdict = run_checks(scratch / "submission", course, tier, slot, tasks, deadline)
        seconds = time.monotonic() - start
        record = graded_record(course, job.path, intake, verdict, tier, seconds)
        return replace(record, student=job.student, cache_key=key)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


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


def is_up_to_date(record: Record, job: Job, key: str) -> bool:
    """Return whether `record` is complete and its cache key matches."""
    if record.status is not RecordStatus.GRADED or record.student != job.student:
        return False
    return record.cache_key == key and record.earlier is None


def earlier_record(job: Job, out: Path) -> Record | None:
    """Return the record that a submission has; None for none, or one that cannot be read."""
    try:
        return read_record(out / job.student / RECORD_FILE)
    except RecordError:
        return None


def finished(text: str | bytes | None, job: Job, course: Course) -> Record:
    """Return the record that a grading process sent, or one that says that it died."""
    if text is not None:
        return from_text(text)
    reason = "the process that graded it was killed, perhaps for want of memory: grade it again"
    return ungraded_record(course, job.path, job.student, RecordStatus.NOT_GRADED, reason)
