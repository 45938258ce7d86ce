"""Grade a class on a Dask cluster: `grade --cluster ADDRESS`.

This process takes the submissions in and writes the records, as on one machine; the workers grade
(see `dask_worker`). What a killed worker was grading goes to another one. What the cluster
finishes after this process was killed waits at the scheduler for the same command: a task's key
and the data set that keeps its result are named after the record's cache key.
"""

import io
import json
import logging
import os
import re
import tarfile
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder import typed_json
from autograder.course import Course, CourseError
from autograder.grading.cache_key import cache_inputs, cache_key
from autograder.grading.grading import (
    claimed,
    earlier_record,
    finished,
    is_kept,
    is_up_to_date,
    keep,
    remedy,
)
from autograder.grading.job import Job
from autograder.intake.given import supply
from autograder.intake.modules import Kept
from autograder.intake.submission import Intake, IntakeError, collect, modified
from autograder.judging.record import Record, RecordStatus
from autograder.judging.score import ungraded_record, with_current_texts
from autograder.sandbox.sandbox import Tier
from autograder.text import option

CONNECT_SECONDS, WORKERS_SECONDS = 10, 30
AHEAD = 2
"""Submissions sent per thread of the cluster: one is graded while the next is on its way."""


def grade_on_cluster(
    jobs: list[Job],
    out: Path,
    course: Course,
    tier: Tier,
    address: str,
    on_record: Callable[[Record], None],
    *,
    fresh: bool = False,
    on_kept: Callable[[Record], None] | None = None,
) -> list[Record]:
    """Grade a class like `grading.grade_class`, on the workers of a Dask scheduler.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.1:8786"; tls:// as Dask is configured.

    Raises:
        CourseError: Dask is not installed, the cluster cannot be reached, or a worker has
            another course, code or version than this machine.
    """
    records: dict[str, Record] = {}
    with claimed(out), _connected(address) as client:
        for done in _through(client, jobs, out, course, tier, fresh):
            record = keep(done.record, done.beside, done.job, out, course, new=not done.on_disk)
            (on_kept or on_record if done.kept else on_record)(record)
            records[record.student] = record
    return [records[job.student] for job in jobs]


@dataclass(frozen=True)
class _Done:
    """The record of one submission, and what is kept beside it."""

    job: Job
    record: Record
    beside: Kept
    kept: bool = False
    """Whether it is the record that there was already, but perhaps for titles and hints."""
    on_disk: bool = False
    """Whether it is that record to the letter."""


@dataclass(frozen=True)
class _Packed:
    """A submission ready to be sent to a worker."""

    packed: bytes
    cache_key: str
    beside: Kept


@dataclass(frozen=True)
class _Sent:
    """What is under way."""

    job: Job
    beside: Kept


@contextmanager
def _connected(address: str) -> Iterator:
    try:
        from distributed import Client
        from distributed.comm import CommClosedError
    except ImportError:
        raise CourseError(
            f"{option('--cluster')} needs Dask: python -m pip install distributed, here and on "
            "every worker"
        ) from None
    warnings.filterwarnings("ignore", message="Sending large graph")
    logging.getLogger("distributed.client").setLevel(logging.ERROR)  # it asks again by itself
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError):
        raise CourseError(
            f"no Dask scheduler answers at {address}: start one with `dask scheduler`, and give "
            "the address that it prints"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise CourseError(
                f"the cluster at {address} has no worker: start some as docs/scale.md says"
            ) from None
        try:
            yield client
        except (CommClosedError, CancelledError):
            raise CourseError(
                f"the scheduler at {address} is gone: start it and give the command again; what "
                "was finished is kept"
            ) from None


def _task() -> Callable[[bytes], bytes]:
    """Return what a worker runs, sent as it is: the scheduler need not know this package."""

    def grade_submission(packed: bytes) -> bytes:
        from autograder.grading.dask_worker import grade_packed

        return grade_packed(packed)

    return grade_submission


def _through(
    client: Any, jobs: list[Job], out: Path, course: Course, tier: Tier, fresh: bool
) -> Iterator[_Done]:
    """Yield what becomes of each job, as it comes; few are under way at a time."""
    from distributed import as_completed

    coming, sent = as_completed(loop=client.loop), {}
    task = _task()
    run = f"-{os.urandom(8).hex()}" if fresh else ""
    for job in jobs:
        previous = None if fresh else earlier_record(job, out)
        taken = _take_in(job, course, tier, previous)
        if isinstance(taken, _Done):
            yield taken
            continue
        name = re.sub("[^A-Za-z0-9]", "-", job.student)
        key = f"grade-{name}-{taken.cache_key[:32]}{run}"
        future = client.submit(task, taken.packed, key=key)
        if not fresh:
            client.publish_dataset(future, name=key, override=True)
        sent[key] = _Sent(job, taken.beside)
        coming.add(future)
        while len(sent) >= AHEAD * max(1, sum(client.nthreads().values())):
            yield _next(client, coming, sent, course)
    while sent:
        yield _next(client, coming, sent, course)


def _next(client: Any, coming: Any, sent: dict[str, _Sent], course: Course) -> _Done:
    """Return the next result to come; the scheduler need not keep it any longer."""
    from distributed import KilledWorker

    future = next(coming)
    if future.status not in ("finished", "error"):
        raise CancelledError
    try:
        text = future.result()
    except KilledWorker:
        text = None
    except Exception as error:  # the same would come of every submission
        for key in sent:
            client.unpublish_dataset(key)
        raise CourseError(_sentence(error)) from None
    client.unpublish_dataset(future.key)
    done = sent.pop(future.key)
    return _Done(done.job, finished(text, done.job, course), done.beside)


def _sentence(error: Exception) -> str:
    if isinstance(error, ImportError):
        return (
            f"a worker cannot grade ({error}): start the workers in this repository, as "
            "docs/scale.md says"
        )
    return str(error)


def _take_in(job: Job, course: Course, tier: Tier, previous: Record | None) -> _Done | _Packed:
    """Take a submission in, and pack it for a worker unless it is refused or graded already."""
    inputs = cache_inputs(course, tier, job.tasks)
    with tempfile.TemporaryDirectory(prefix="rdlab-intake-") as scratch:
        folder = Path(scratch) / "submission"
        try:
            intake = supply(collect(job.path, folder, course.limits), folder, course)
        except (IntakeError, OSError) as error:
            refused = isinstance(error, IntakeError)
            status = RecordStatus.REFUSED if refused else RecordStatus.NOT_GRADED
            reason = str(error) if refused else remedy(error)
            record = ungraded_record(course, job.path, job.student, status, reason)
            kept = refused and is_kept(record, previous, course)
            beside = Kept(modified(job.path))
            return _Done(job, record, beside, kept, on_disk=kept and record == previous)
        key, beside = cache_key(inputs, intake), intake.kept
        if previous is not None and is_up_to_date(previous, job, course, tier, intake):
            record = with_current_texts(replace(previous, regrade_failure=""), course)
            return _Done(job, record, beside, kept=True, on_disk=record == previous)
        return _Packed(_pack(job, tier, intake, inputs, folder), key, beside)


def _pack(job: Job, tier: Tier, intake: Intake, inputs: dict[str, str], folder: Path) -> bytes:
    settings = {
        "path": str(job.path),
        "student": job.student,
        "tasks": sorted(job.tasks),
        "tier": str(tier),
        "cache_inputs": inputs,
        "intake": typed_json.to_json(replace(intake, kept=Kept())),
    }
    text = json.dumps(settings).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("job.json")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
        archive.add(folder, "submission", filter=_timeless)
    return packed.getvalue()


def _timeless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Clear the time, so that equal submissions give equal bytes, which the scheduler may know."""
    member.mtime = 0
    return member
