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
from autograder.intake.given import supply
from autograder.intake.modules import Kept, read_kept, write_kept
from autograder.intake.submission import Intake, IntakeError, collect, modified
from autograder.judging.judge import learn_json, news_as_json, run_checks, share_checks, warm_up
from autograder.judging.record import (
    RECORD_FILE,
    Record,
    RecordError,
    RecordStatus,
    from_text,
    read_record,
    standing,
    to_text,
    write_record,
)
from autograder.judging.score import (
    graded_record,
    merged,
    ungraded_record,
    with_current_texts,
)
from autograder.sandbox.sandbox import SandboxError, Tier
from autograder.sandbox.zygote import zygote
from autograder.text import option
from autograder.typed_json import from_json, to_json

JUDGE_MEMORY = 8 << 30
LOCK_SECONDS = 10
"""An autograder that was just killed may take a moment to be gone with all its processes."""
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
        out: folder for the records, `out/<student>/record.json`, each with what is kept of the
            submission beside it.
        processes: how many run at once.
        on_record: called with each record as it comes.
        fresh: grade also what has a record that was made of the same.
        on_kept: called in place of `on_record` with a record that was kept.

    Returns:
        The records, in the order of the jobs.

    Raises:
        CourseError: another autograder is writing to `out`.
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
        with zygote(tier):
            share_checks(course, work)
    return [records[job.student] for job in jobs]


def _on_disk(answer: bytes | None, job: Job, out: Path, course: Course) -> tuple[Record, bool]:
    """Write what a grading process sent; return the record and whether it is an earlier one."""
    record, beside, kept = _unpacked(answer, job, course)
    new = record is not None
    record = earlier_record(job, out) if record is None else record
    assert record is not None, "a record that was kept is gone"
    return keep(record, beside, job, out, course, new=new), kept


def keep(
    record: Record,
    beside: Kept,
    job: Job,
    out: Path,
    course: Course,
    *,
    new: bool = True,
) -> Record:
    """Write a record, and before it what is kept beside it where that is not there yet.

    Args:
        new: False for a record that is on disk already.

    Returns:
        The record that counts from now on: the one there was, where this one has no verdict;
        with the tasks there were, where the job was about others only.
    """
    before = earlier_record(job, out) if new else None
    if before is not None and before.student == record.student:
        record = merged(before, record, course) if job.tasks else record
        if (stays := standing(before, record)) is not record:
            write_record(stays, out)
            return stays
    folder, sha256 = out / record.student, record.submission.sha256
    if read_kept(folder, sha256) != beside:
        folder.mkdir(parents=True, exist_ok=True)
        write_kept(folder, sha256, beside)
    if new:
        write_record(record, out)
    return record


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Keep every other autograder out of a folder of records, as long as the block lasts."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".lock", timeout=LOCK_SECONDS):
            yield
    except Timeout:
        raise CourseError(
            f"another autograder is writing to {out}: wait for it, "
            f"or choose another {option('--out')}"
        ) from None


def _side_by_side(
    jobs: list[Job], out: Path, course: Course, tier: Tier, processes: int, fresh: bool
) -> Iterator[tuple[Job, bytes | None]]:
    """Yield each job with the answer of `_grade`, or None if its process died."""
    waiting = list(reversed(jobs))
    running: dict[Connection, tuple[BaseProcess, Job]] = {}
    with _stopping(running):
        while waiting or running:
            while waiting and len(running) < processes:
                job = waiting.pop()
                previous = None if fresh else earlier_record(job, out)
                process, answer = start_process(_grade, job, course, tier, previous)
                running[answer] = process, job
            try:
                ready = wait(list(running))
            except KeyboardInterrupt:  # what is graded to its end is not thrown away
                for answer in [each for each in running if each.poll()]:
                    process, job = running.pop(answer)
                    yield job, received(process, answer)
                raise
            for answer in [each for each in running if each in ready]:
                process, job = running.pop(answer)
                yield job, received(process, answer)


@contextmanager
def _stopping(running: dict[Connection, tuple[BaseProcess, Job]]) -> Iterator[None]:
    """End what still runs when the block is left early; sandboxes die with their process.

    It is killed: a check that is under way takes any other end for the submission's, and goes on.
    """
    try:
        yield
    finally:
        for process, _ in running.values():
            process.kill()
        for process, _ in running.values():
            process.join()


def start_process(work: Callable[..., bytes], *arguments: Any) -> tuple[BaseProcess, Connection]:
    """Run `work(*arguments)` in a process that dies with this one; what it gives comes back."""
    answer, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=_run, args=(theirs, work, *arguments))
    process.start()
    theirs.close()
    return process, answer


def received(process: BaseProcess, answer: Connection) -> bytes | None:
    """Return what a process of `start_process` sent, or None if it died before."""
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
    """Grade one submission in a process of its own; return what `_unpacked` reads."""
    beside = Kept(modified(job.path))

    def take_in(folder: Path) -> Intake:
        nonlocal beside
        intake = collect(job.path, folder, course.limits)
        beside = intake.kept
        return supply(intake, folder, course)

    record = grade(job, course, tier, take_in, previous)
    kept = is_kept(record, previous, course)
    text = None if kept and record == previous else to_text(record)
    parts = {"record": text, "kept": kept, "beside": to_json(beside)}
    return json.dumps(parts | {"news": news_as_json()}).encode()


def is_kept(record: Record, previous: Record | None, course: Course) -> bool:
    """Return whether a record is the previous one, but perhaps for titles and hints."""
    if previous is None or record.status is RecordStatus.NOT_GRADED:
        return False
    return record == with_current_texts(replace(previous, regrade_failure=""), course)


def _unpacked(answer: bytes | None, job: Job, course: Course) -> tuple[Record | None, Kept, bool]:
    """Return the record (None where it is on disk), what is kept beside it, and if it is kept."""
    if answer is None:
        return finished(None, job, course), Kept(), False
    content = json.loads(answer)
    learn_json(content["news"])
    text = content["record"]
    record = None if text is None else finished(text, job, course)
    return record, from_json(Kept, content["beside"]), content["kept"]


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
        status, reason = RecordStatus.NOT_GRADED, remedy(error)
    except Exception as error:  # the autograder's own fault is recorded, never a zero
        status = RecordStatus.NOT_GRADED
        reason = f"the autograder failed: {type(error).__name__}: {error}\n"
        reason += traceback.format_exc(limit=-3)
    return ungraded_record(course, job.path, job.student, status, reason)


def remedy(error: Exception) -> str:
    """Return what to do about an error of the machine: one sentence, then what else it says."""
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}: fix this and grade again"
    first, _, more = str(error).strip().partition("\n")
    return f"{first or type(error).__name__}: fix this and grade again\n{more}".rstrip()


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
        if previous is not None and is_up_to_date(previous, job, course, tier, intake):
            return with_current_texts(replace(previous, regrade_failure=""), course)
        deadline = start + job.seconds
        verdict = run_checks(scratch / "submission", course, tier, slot, tasks, deadline)
        seconds = time.monotonic() - start
        record = graded_record(course, job.path, intake, verdict, tier, seconds)
        return replace(record, student=job.student, cache_key=key)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _claim_slot() -> int:
    """Return a number that no other autograder on this machine has until this process ends.

    Temporary files go to a folder of that number; what a killed autograder left there is removed.
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


def is_up_to_date(record: Record, job: Job, course: Course, tier: Tier, intake: Intake) -> bool:
    """Return whether `record` is complete and its cache key matches.

    Where only some tasks were graded again, it is their key, and the others were left as they are.
    """
    if record.status is not RecordStatus.GRADED or record.student != job.student:
        return False
    tasks = job.tasks_of(intake.sha256)
    found = {task.id for task in record.tasks}
    if record.earlier is not None and not tasks:
        if found < {task.id for task in course.tasks}:
            return False
        tasks = frozenset(found.difference(record.earlier.tasks))
    return tasks <= found and record.cache_key == cache_key(
        cache_inputs(course, tier, tasks), intake
    )


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
