"""Grade a class on a Dask cluster: `grade --cluster ADDRESS`.

This process takes the submissions in and writes the records, as on one machine; the workers grade
(see `cluster_worker`). What a killed worker was grading goes to another one. What the cluster
finishes after this process was killed waits at the scheduler for the same command: a task's key
and the data set that keeps its result are named after what the record is made of.
"""

import io
import json
import os
import re
import tarfile
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.grading.cache_key import identity, ingredients
from autograder.grading.grading import claimed, finished, is_made_of, read_record, write_record
from autograder.grading.job import Job
from autograder.intake.submission import Intake, IntakeError, collect
from autograder.judging.score import ungraded_record
from autograder.sandbox.sandbox import Tier

CONNECT_SECONDS, WORKERS_SECONDS = 10, 30
AHEAD = 2
"""Submissions sent per thread of the cluster: one is graded while the next is on its way."""


def grade_on_cluster(
    jobs: list[Job],
    out: Path,
    course: Course,
    tier: Tier,
    address: str,
    on_record: Callable[[dict], None],
    *,
    fresh: bool = False,
    on_kept: Callable[[dict], None] | None = None,
) -> list[dict]:
    """Like `grading.grade_class`, on the workers of a Dask scheduler.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.1:8786"; tls:// as Dask is configured.

    Raises:
        CourseError: Dask is not installed, the cluster cannot be reached, or a worker has
            another course, code or version than this machine.
    """
    records: dict[str, dict] = {}
    with claimed(out), _connected(address) as client:
        for job, record, kept in _through(client, jobs, out, course, tier, fresh):
            if kept:
                (on_kept or on_record)(record)
            else:
                write_record(record, out)
                on_record(record)
            records[job.student] = record
    return [records[job.student] for job in jobs]


@contextmanager
def _connected(address: str) -> Iterator:
    try:
        from distributed import Client
        from distributed.comm import CommClosedError
    except ImportError:
        raise CourseError(
            "--cluster needs Dask: python -m pip install distributed, here and on every worker"
        ) from None
    warnings.filterwarnings("ignore", message="Sending large graph")
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
    """What a worker runs. It is sent as it is, so that the scheduler need not know this package."""

    def grade_submission(packed: bytes) -> bytes:
        from autograder.grading.dask_worker import grade_packed

        return grade_packed(packed)

    return grade_submission


def _through(
    client, jobs: list[Job], out: Path, course: Course, tier: Tier, fresh: bool
) -> Iterator[tuple[Job, dict, bool]]:
    """Each job with its record and whether that was kept; few are under way at a time."""
    from distributed import as_completed

    coming, sent = as_completed(loop=client.loop), {}
    task = _task()
    run = f"-{os.urandom(8).hex()}" if fresh else ""
    for job in jobs:
        previous = None if fresh else read_record(job, out)
        record, packed, made_of = _take_in(job, course, tier, previous)
        if record is not None:
            yield job, record, record == previous
            continue
        key = f"grade-{re.sub('[^A-Za-z0-9]', '-', job.student)}-{made_of[:32]}{run}"
        future = client.submit(task, packed, key=key)
        if not fresh:
            client.publish_dataset(future, name=key, override=True)
        sent[key] = job
        coming.add(future)
        while len(sent) >= AHEAD * max(1, sum(client.nthreads().values())):
            yield _next(client, coming, sent, course)
    while sent:
        yield _next(client, coming, sent, course)


def _next(client, coming, sent: dict[str, Job], course: Course) -> tuple[Job, dict, bool]:
    """The next result to come; the scheduler need not keep it any longer."""
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
    job = sent.pop(future.key)
    return job, finished(text, job, course), False


def _sentence(error: Exception) -> str:
    if isinstance(error, ImportError):
        return (
            f"a worker cannot grade ({error}): start the workers in this repository, as "
            "docs/scale.md says"
        )
    return str(error)


def _take_in(
    job: Job, course: Course, tier: Tier, previous: dict | None
) -> tuple[dict | None, bytes, str]:
    """(the record, if there is one already; else the packed submission; what it is made of)."""
    made_of = ingredients(course, tier, job.tasks)
    with tempfile.TemporaryDirectory(prefix="rdlab-intake-") as scratch:
        folder = Path(scratch) / "submission"
        try:
            intake = collect(job.path, folder, course.limits)
        except IntakeError as error:
            return ungraded_record(course, job.path, job.student, "refused", str(error)), b"", ""
        digest = identity(made_of, intake)
        if is_made_of(previous, job, digest):
            return previous, b"", digest
        return None, _pack(job, tier, intake, made_of, folder), digest


def _pack(job: Job, tier: Tier, intake: Intake, made_of: dict, folder: Path) -> bytes:
    settings = {
        "path": str(job.path),
        "student": job.student,
        "tasks": sorted(job.tasks),
        "tier": str(tier),
        "made_of": made_of,
        "intake": asdict(intake),
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
    """The same submission is packed into the same bytes: the scheduler may know them already."""
    member.mtime = 0
    return member
