"""Grade attacks and look for what they gained: points, answers, processes, files, others' records.

Every attack raises an error that holds ESCAPED where it reached what it must not; what it leaves
behind is looked for from outside, so an attack need not confess.
"""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from autograder import ROOT
from autograder.grading.batch import Entry, grade_batch
from autograder.intake.submission import IntakeError
from autograder.judging.record import CheckRecord, Record, RecordStatus, to_text
from autograder.judging.score import ungraded_record
from autograder.reports.feedback import render_markdown
from autograder.sandbox.sandbox import FIRST_USER, Tier

ESCAPED = "ESCAPED"
MARK = "rdlab-escaped"
"""What attacks call the files that they try to leave outside."""
SHARED_FOLDERS = ("/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")
DYING_SECONDS = 5  # a killed process takes a moment to be gone
JUDGE_SECONDS, RECORD_BYTES = 40, 1 << 18
OUR_FOLDERS = ("autograder", "data", "solution", "tests")
BYSTANDER = '{"student": "bystander", "score": 87.5}\n'


@dataclass(frozen=True)
class Watch:
    """What no attack may change: the repository, and the record of another student."""

    bystander: Path
    repository: str

    @staticmethod
    def over(out: Path) -> "Watch":
        """Put a bystander's record beside those to come, and remember the repository."""
        bystander = out / "bystander" / "record.json"
        bystander.parent.mkdir(parents=True)
        bystander.write_text(BYSTANDER, encoding="utf-8")
        return Watch(bystander, _fingerprint())

    def changes(self) -> list[str]:
        found = []
        if self.bystander.read_text(encoding="utf-8") != BYSTANDER:
            found.append("another student's record was changed")
        if _fingerprint() != self.repository:
            found.append("a file of the repository was changed")
        return found


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for folder in OUR_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if "__pycache__" not in path.parts:
                stat = path.lstat()
                digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def grade_attack(
    entry: Entry, watch: Watch, out: Path, tier: Tier, slot: int
) -> tuple[Record, list[str]]:
    """Grade one attack in a sandbox of its own.

    Returns:
        Its record, and what it gained beside points, one sentence each.
    """
    try:
        record = grade_batch([entry], out, tier, slot)[0]
    except IntakeError as error:
        job = entry.job
        status = RecordStatus.REFUSED
        record = ungraded_record(entry.course, job.path, job.student, status, str(error))
    found = [f"said {said}" for said in _escape_messages(record)] + _shown(record)
    found += _resource_abuse(record) + _processes(tier, slot) + _files(tier, slot) + watch.changes()
    return record, list(dict.fromkeys(found))


def _escape_messages(record: Record) -> list[str]:
    messages = [check.message for check in record.checks()]
    return [text[text.index(ESCAPED) :][:100] for text in messages if ESCAPED in text]


def _shown(record: Record) -> list[str]:
    """List what the student's feedback shows of hidden checks: inputs, answers, what came back."""
    page = render_markdown(record)
    checks = list(record.checks())
    open_checks = [check for check in checks if check.visibility == "public"]
    public = " ".join(text for check in open_checks for text in _evidence(check).values())
    return [
        f"the feedback shows the {key} of {check.name}"
        for check in checks
        if check.visibility == "hidden"
        for key, text in _evidence(check).items()
        if text in page and text not in public
    ]


def _evidence(check: CheckRecord) -> dict[str, str]:
    return {
        "message": check.message,
        "call": check.call,
        "returned": check.returned,
        "expected": check.expected,
    }


def _resource_abuse(record: Record) -> list[str]:
    """Report excessive judge CPU time or record size."""
    seconds, size = record.times.get("judge_cpu", 0.0), len(to_text(record))
    found = [f"the judge computed for {seconds:.0f} s"] if seconds > JUDGE_SECONDS else []
    return found + ([f"the record is {size >> 10} KiB long"] if size > RECORD_BYTES else [])


def _own_user(tier: Tier) -> bool:
    """Return whether the worker ran as a user of its own, by whom its traces can be told."""
    return os.geteuid() == 0 and tier is not Tier.PROCESS


def _processes(tier: Tier, slot: int) -> list[str]:
    if not _own_user(tier):
        return []
    end = time.monotonic() + DYING_SECONDS
    while (left := _processes_of(FIRST_USER + slot)) and time.monotonic() < end:
        time.sleep(0.05)
    return [f"process {number} was left" for number in left]


def _processes_of(user: int) -> list[str]:
    numbers = [entry for entry in os.scandir("/proc") if entry.name.isdigit()]
    return [entry.name for entry in numbers if _owner(entry.path) == user]


def _files(tier: Tier, slot: int) -> list[str]:
    found = []
    for folder in filter(os.path.isdir, SHARED_FOLDERS):
        for entry in os.scandir(folder):
            own = _own_user(tier) and _owner(entry.path) == FIRST_USER + slot
            if own or entry.name.startswith(MARK):
                found.append(f"{entry.path} was left")
    return found


def _owner(path: str) -> int | None:
    try:
        return os.lstat(path).st_uid
    except OSError:  # it is gone by now
        return None
