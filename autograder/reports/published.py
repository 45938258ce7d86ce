"""What pages and lists in a folder of results were made from: only what has changed is made again.

So a decision for one student costs that student's feedback, the gradebook and the class report, and
not the search for similar passages in hundreds of submissions.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from autograder import ROOT
from autograder.course import Course
from autograder.files import write_whole
from autograder.intake.modules import MODULES_FILE
from autograder.judging.record import RECORD_FILE, Record
from autograder.reports.grades import Grade

PUBLISHED_FILE = ".published.json"
PAGES = ("feedback.html", "feedback.md")
SOURCES = (
    *(f"autograder/{name}" for name in ("text.py", "typed_json.py", "intake/*.py")),
    *(f"autograder/{name}" for name in ("judging/record.py", "judging/score.py", "reports/**/*")),
)
"""What pages and the search depend on beside records and course."""
COMPARED = ("assignment/rdlab/**/*.py", "solution/rdlab/**/*.py")
"""What submissions are compared with."""


class Published:
    """What is known of the pages and lists in a folder of results."""

    def __init__(self, out: Path, course: Course) -> None:
        self.out = out
        self._course = _digest(repr(replace(course, salt="")), *_code(SOURCES))
        self._before: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            self._before = dict(json.loads((out / PUBLISHED_FILE).read_bytes()))
        self._now: dict[str, Any] = {}

    def pages(
        self, record: Record, grade: Grade, write: Callable[[], None], *, whole: bool = True
    ) -> None:
        """Write the pages of a student, unless they are there, made of the same.

        Args:
            whole: False where something of the record is held back until later.
        """
        folder = self.out / record.student
        made_of = self._made_of(folder / RECORD_FILE, grade)
        made_of += "" if whole or not made_of else " held back"
        known = made_of and [made_of, *(_state(folder / name) for name in PAGES)]
        if not known or known != self._before.get(record.student):
            write()
        if made_of:
            self._now[record.student] = [made_of, *(_state(folder / name) for name in PAGES)]

    def _made_of(self, file: Path, grade: Grade) -> str:
        """Return a digest of all that pages show; empty where the record is not on disk."""
        without = replace(grade, record=replace(grade.record, tasks=(), parts=()))
        state = _state(file)
        return _digest(self._course, state, repr(without)) if state else ""

    def results(self, name: str, made_of: Iterable[str], make: Callable[[], Any]) -> Any:
        """Return what `make` gives, or gave when it was made of the same; JSON can hold it."""
        digest = _digest(self._course, *made_of)
        known = self._before.get(f"/{name}")
        if not (isinstance(known, list) and known[0] == digest):
            known = [digest, make()]
        self._now[f"/{name}"] = known
        return known[1]

    def made_of_submissions(self, records: Iterable[Record], earlier: Path | None) -> list[str]:
        """Return what the search for similar passages depends on."""
        theirs = [(r.submission.sha256, self.out / r.student / MODULES_FILE) for r in records]
        theirs += [("", file) for file in sorted(earlier.rglob("*"))] if earlier else []
        return [*_code(COMPARED), *(f"{sha256} {file} {_state(file)}" for sha256, file in theirs)]

    def save(self) -> None:
        write_whole(self.out / PUBLISHED_FILE, json.dumps(self._now, ensure_ascii=False))


def _state(file: Path) -> str:
    """Return a text that changes whenever a file is written; empty for no file."""
    with suppress(OSError):
        found = os.stat(file)
        return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"
    return ""


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="surrogateescape")).hexdigest()


@cache
def _code(patterns: tuple[str, ...]) -> list[str]:
    files = sorted({file for pattern in patterns for file in ROOT.glob(pattern) if file.is_file()})
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
