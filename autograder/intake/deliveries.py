"""Which delivery is whose: the files of a class folder by student, several of one in order."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.submission import (
    CANVAS_NAME,
    find_submissions,
    given_name,
    modified,
    safe_name,
    without_suffix,
)

RESERVED = (
    "gradebook.csv",
    "report.html",
    "statistics.csv",
    "pseudonyms.csv",
    "canvas.csv",
    "moodle.csv",
    "moodle-feedback.zip",
    "mail-merge.csv",
    "leaderboard.html",
    "leaderboard.csv",
    "regrades",
)
"""Files and folders of the whole class, beside the students' folders."""


@dataclass(frozen=True)
class Delivery:
    """One folder or archive that a student handed in."""

    path: Path
    marked_late: bool = False
    """By Canvas, in the file's name."""
    number: int = 0
    """Canvas's number of the file, which grows with time; 0 where there is none."""

    @property
    def label(self) -> str:
        """A name among the student's deliveries that stays the same when others are added."""
        return str(self.number) if self.number else safe_name(self.path.name)

    @property
    def changed(self) -> float:
        """When the folder or archive itself was changed, in seconds; 0 where it is gone.

        What lies in it is not looked at: that is its student's.
        """
        return modified(self.path) or 0


def delivery(path: Path) -> Delivery:
    """Return what the name of a folder or archive says of it."""
    named = CANVAS_NAME.fullmatch(without_suffix(path))
    if named is None:
        return Delivery(path)
    return Delivery(path, "_LATE_" in path.name, int(named["file"]))


def find_deliveries(folder: Path) -> dict[str, tuple[Delivery, ...]]:
    """Return the deliveries of each student in a class folder, the oldest first.

    Raises:
        IntakeError: there is none.
    """
    return by_student(find_submissions(folder))


def by_student(paths: Iterable[Path]) -> dict[str, tuple[Delivery, ...]]:
    """Return the deliveries of each student, the oldest first, under a name safe for files.

    A name is numbered by a digest where two students would have the same one, or where it is that
    of a file of the whole class: so it does not depend on who else has handed in.
    """
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(given_name(path).casefold(), []).append(path)
    found: dict[str, tuple[Delivery, ...]] = {}
    taken = set(RESERVED)
    for group in groups.values():
        given = given_name(group[0])
        name = safe_name(given)
        if name.casefold() in taken:
            digest = hashlib.sha256(given.encode(errors="surrogateescape")).hexdigest()
            name = f"{name} ({digest[:6]})"
        taken.add(name.casefold())
        found[name] = _in_order(group)
    return found


def _in_order(paths: list[Path]) -> tuple[Delivery, ...]:
    deliveries = [delivery(path) for path in paths]
    if len(deliveries) > 1:
        deliveries.sort(key=lambda each: (each.number, each.changed, each.path.name))
    return tuple(deliveries)
