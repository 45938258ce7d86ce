"""Grade many submissions of our own in one sandbox: the worker imports torch once for them all.

For code that does its neighbours no harm, such as known mistakes. Students' submissions and attacks
get a sandbox each (`grading`).
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import TypeVar

from autograder.course import Course, Limits
from autograder.grading.grading import fork, received, start_process
from autograder.grading.job import Job
from autograder.intake.submission import Intake, collect, student_name
from autograder.judging.conversation import imports_for
from autograder.judging.judge import learn_json, news_as_json, run_checks
from autograder.judging.record import RECORD_FILE, Record, RecordStatus, read_record, write_record
from autograder.judging.score import graded_record, ungraded_record
from autograder.sandbox.sandbox import Sandbox, Tier
from autograder.sandbox.zygote import zygote

BATCH_SIZE = 24
T = TypeVar("T")
TakeIn = Callable[[Path, Path, Limits], Intake]
"""Lays out a submission's path in a folder, within limits."""
_slot = 0
"""Of this process, if it is one of the pool's."""


def made(make: Callable[[Path], object], path: Path, destination: Path, limits: Limits) -> Intake:
    """Lay out by `make(destination)` what we made ourselves: nothing in it must be read first."""
    make(destination)
    return Intake(student_name(path), sha256="", files=(), left_out=(), notes=())


def linked(path: Path, destination: Path, limits: Limits) -> Intake:
    """Lay out a folder that we made ourselves."""
    return made(partial(shutil.copytree, path, copy_function=os.link), path, destination, limits)


@dataclass(frozen=True)
class Entry:
    """A submission to grade and the course, such as one of another salt, to grade it under.

    Args:
        take_in: how it is laid out, such as `collect` or `linked`.
    """

    job: Job
    course: Course
    take_in: TakeIn = collect


def grade_batches(
    entries: list[Entry],
    out: Path,
    tier: Tier,
    processes: int,
    on_record: Callable[[Record], None],
) -> list[Record]:
    """Grade submissions, BATCH_SIZE at most behind each sandbox.

    There is one sandbox more at once than `processes`, since judge and sandbox wait for each other.

    Returns:
        The records, in the order of the entries.

    Raises:
        IntakeError: a submission cannot be taken in.
        SandboxError: no worker can be started.
    """
    at_once = processes + 1
    count = max(-(-len(entries) // BATCH_SIZE), min(at_once, len(entries)))
    batches = [(entries[start::count], out, tier) for start in range(count)]
    records = {}
    with zygote(tier):
        for batch in in_slots(grade_batch, batches, at_once):
            for record in batch:
                records[record.student] = record
                on_record(record)
    return [records[entry.job.student] for entry in entries]


def in_slots(
    function: Callable[..., T], arguments: list[tuple], processes: int, first: int = 0
) -> Iterator[T]:
    """Call function(*arguments, slot) for each, in parallel; results as they come.

    Slots count from `first`; no two calls that run at once have the same one, so a sandbox can
    have its number.
    """
    slots = fork.SimpleQueue()
    for slot in range(first, first + processes):
        slots.put(slot)
    with ProcessPoolExecutor(processes, fork, _take_slot, (slots,)) as pool:
        for done in as_completed([pool.submit(_call, function, each) for each in arguments]):
            yield done.result()


def _take_slot(slots: "SimpleQueue[int]") -> None:
    global _slot
    _slot = slots.get()


def _call(function: Callable[..., T], arguments: tuple) -> T:
    return function(*arguments, _slot)


def grade_batch(entries: list[Entry], out: Path, tier: Tier, slot: int) -> list[Record]:
    """Grade submissions behind one sandbox; their records, in order."""
    folder = Path(tempfile.mkdtemp(prefix="rdlab-batch-"))
    folder.chmod(0o755)
    try:
        places = {entry: folder / str(number) for number, entry in enumerate(entries)}
        intakes = {e: e.take_in(e.job.path, place, e.course.limits) for e, place in places.items()}
        sandbox = Sandbox(tier, folder, entries[0].course.limits, slot, _imports(entries))
        try:
            return [_finished(sandbox, e, places[e], intakes[e], out) for e in entries]
        finally:
            sandbox.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _imports(entries: list[Entry]) -> tuple[str, ...]:
    """Return the modules that some of the entries want imported."""
    tasks = [
        task
        for entry in entries
        for task in entry.course.tasks
        if not entry.job.tasks or task.id in entry.job.tasks
    ]
    return imports_for(tasks)


def _finished(sandbox: Sandbox, entry: Entry, place: Path, intake: Intake, out: Path) -> Record:
    """Grade one submission in a process of its own, since pytest keeps state in its process."""
    process, answer = start_process(_grade, sandbox, entry, place, intake, out)
    news = received(process, answer)
    job = entry.job
    if news is not None and (record := read_record(out / job.student / RECORD_FILE)):
        learn_json(json.loads(news))
        return record
    reason = f"the process that graded it ended with code {process.exitcode}"
    return ungraded_record(entry.course, job.path, job.student, RecordStatus.NOT_GRADED, reason)


def _grade(sandbox: Sandbox, entry: Entry, place: Path, intake: Intake, out: Path) -> bytes:
    start = time.monotonic()
    job, course = entry.job, entry.course
    verdict = run_checks(place, course, sandbox.tier, sandbox.slot, job.tasks, shared=sandbox)
    seconds = time.monotonic() - start
    record = graded_record(course, job.path, intake, verdict, sandbox.tier, seconds)
    write_record(replace(record, student=job.student), out)
    return json.dumps(news_as_json()).encode()
