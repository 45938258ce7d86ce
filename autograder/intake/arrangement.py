"""Where in a delivery the submission is: people pack, rename and wrap their folders in many ways.

Only names are looked at. What can mean one thing alone is taken, and a sentence says what was taken
for what; else the refusal names what was found.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from autograder.intake.submission import (
    ARCHIVES,
    OTHER_ARCHIVES,
    IntakeError,
    delivered,
    task_files,
)
from autograder.text import printable

PACKAGE, REPORT = "rdlab", "report.ipynb"
COPY = re.compile(r"(?: ?\(\d+\)|-\d+| - Copy| copy)$", re.IGNORECASE)
"""What browsers, Canvas and file managers add to the name of a second copy."""
REPACK = "such an archive is not opened, so unpack it and hand in a .zip"
SHOWN, SHOWN_NAME = 4, 80
Parts = tuple[str, ...]


@dataclass(frozen=True)
class Arrangement:
    """Which names of a delivery are taken, and for what."""

    chosen: dict[str, str]
    """The name in the delivery -> the path in the submission."""
    said: tuple[str, ...] = ()
    """What was taken for what; empty where all is as the handout asks for."""


def arrange(
    where: object, parts: Mapping[str, Parts], allowed: Callable[[Parts], bool]
) -> Arrangement | None:
    """Return what is taken of a delivery; None where there is no package of the course in it.

    Args:
        where: the delivery, as a refusal names it.
        parts: of each of its names.
        allowed: whether a submission may have a file at this path.

    Raises:
        IntakeError: several things might be meant.
    """
    _refuse_class(where, parts.values())
    if named := _packages(parts.values()):
        package = _the_one(where, named, "more than one rdlab/ folder")
        targets = _in_place(package[:-1], parts)
        said = [f"{_folder(package)} was found"] if len(package) > 2 else []
    elif named := _task_folders(parts.values()):
        package = _the_one(where, named, "modules of tasks in more than one folder")
        _refuse_archives_beside(where, package, parts)
        targets = _as_package(package, parts)
        said = [f"{_folder(package)} as {PACKAGE}/"]
    else:
        return None
    said += [f"{_folder(other)} was left out" for other in named if other != package]
    plain = _without_copy_marks(targets)
    said += [f"{_shown(n)} as {'/'.join(plain[n])}" for n in plain if plain[n] != targets[n]]
    return Arrangement({n: "/".join(t) for n, t in plain.items() if allowed(t)}, tuple(said))


def archive_inside(where: object, parts: Mapping[str, Parts]) -> str | None:
    """Return the name of the only archive in a delivery without a package.

    Raises:
        IntakeError: there are several, or one of a kind that is not opened.
    """
    packed = _archives(parts, ARCHIVES)
    if len(packed) > 1:
        raise IntakeError(
            f"{where} holds {len(packed)} archives ({_some(packed)}) and no {PACKAGE}/: submit one "
            "of them; a whole class is graded as a folder, so unpack it into one"
        )
    others = _archives(parts, OTHER_ARCHIVES)
    if others and not packed:
        raise IntakeError(f"{where} holds {_some(others)}: {REPACK}")
    return packed[0] if packed else None


def nothing_found(where: object, parts: Mapping[str, Parts]) -> IntakeError:
    """Return the refusal of a delivery without a package: it names what was found."""
    tops = {split[0] + ("/" if len(split) > 1 else "") for split in parts.values()}
    return IntakeError(
        f"{where} has no {PACKAGE}/ folder with .py files, it holds {_some(sorted(tops))}: "
        "submit the folder that has it"
    )


def without_copy_mark(name: str) -> str:
    """Return "gaussian.py" for "gaussian (1).py", but only where that is a file we ask for."""
    stem, dot, suffix = name.rpartition(".")
    plain = f"{COPY.sub('', stem)}{dot}{suffix}"
    return plain if plain == REPORT or plain in task_files() else name


def _packages(names: Iterable[Parts]) -> list[Parts]:
    """List the folders called rdlab with modules in them."""
    found = {
        split[: at + 1]: None
        for split in names
        for at, part in enumerate(split[:-1])
        if part == PACKAGE and split[-1].endswith(".py") and len(split) - at <= 4
        if not _hidden(split)
    }
    with_tasks = {folder: count for folder, count in _tasks(names).items() if folder in found}
    return _most(with_tasks) if with_tasks else list(found)


def _task_folders(names: Iterable[Parts]) -> list[Parts]:
    """List the folders, whatever they are called, that hold modules of tasks."""
    return _most(_tasks(names))


def _tasks(names: Iterable[Parts]) -> Counter[Parts]:
    """Count the modules of tasks in each folder."""
    files = {
        (*split[:-1], without_copy_mark(split[-1]))
        for split in names
        if without_copy_mark(split[-1]) in task_files() and not _hidden(split)
    }
    return Counter(split[:-1] for split in files)


def _most(folders: Mapping[Parts, int]) -> list[Parts]:
    """Return those with about as many as the fullest: a stray module is no second package."""
    return [folder for folder, count in folders.items() if 2 * count > max(folders.values())]


def _hidden(split: Parts) -> bool:
    return any(part.startswith(".") for part in split)


def _the_one(where: object, folders: list[Parts], what: str) -> Parts:
    """Return the folder that is nearest to the top."""
    least = min(map(len, folders))
    nearest = [folder for folder in folders if len(folder) == least]
    if len(nearest) > 1:
        names = _some(sorted(map(_folder, nearest)))
        raise IntakeError(f"{where} holds {what} ({names}): submit one")
    return nearest[0]


def _in_place(root: Parts, parts: Mapping[str, Parts]) -> dict[str, Parts]:
    return {n: split[len(root) :] for n, split in parts.items() if split[: len(root)] == root}


def _as_package(package: Parts, parts: Mapping[str, Parts]) -> dict[str, Parts]:
    """Move a folder's modules to the package; what else is in it, or beside it, stays in place."""
    inside = _in_place(package, parts)
    targets = {n: (PACKAGE, *t) if t[-1].endswith(".py") else t for n, t in inside.items()}
    taken = set(targets.values())
    beside = _in_place(package[:-1], parts) if package else {}
    return targets | {n: t for n, t in beside.items() if n not in inside and t not in taken}


def _without_copy_marks(targets: dict[str, Parts]) -> dict[str, Parts]:
    """Rename second copies of files we ask for to these files, where there is no other."""
    plain = {
        name: (*split[:-1], without_copy_mark(split[-1]))
        if split[:-1] in ((), (PACKAGE,))
        else split
        for name, split in targets.items()
    }
    counts = Counter(plain.values())
    return {name: split if counts[split] == 1 else targets[name] for name, split in plain.items()}


def _refuse_class(where: object, names: Iterable[Parts]) -> None:
    """Say it where this is what Canvas or Moodle pack of a whole class."""
    students = {
        named[1] for split in names for part in split[:2] for named in [delivered(part)] if named
    }
    if len(students) > 1:
        raise IntakeError(
            f"{where} is a download of {len(students)} students' submissions "
            f"({_some(sorted(students))}): unpack it into a folder, and grade that"
        )


def _refuse_archives_beside(where: object, package: Parts, parts: Mapping[str, Parts]) -> None:
    beside = {n: s for n, s in parts.items() if s[: len(package)] == package}
    if packed := _archives(beside, ARCHIVES + OTHER_ARCHIVES):
        raise IntakeError(
            f"{where} holds modules of tasks and beside them {_some(packed)}: submit one of the two"
        )


def _archives(parts: Mapping[str, Parts], suffixes: tuple[str, ...]) -> list[str]:
    found = [n for n, split in parts.items() if n.lower().endswith(suffixes) and not _hidden(split)]
    return sorted(found)


def _folder(parts: Parts) -> str:
    return f"{_shown('/'.join(parts))}/" if parts else "what is at the top"


def _some(names: list[str]) -> str:
    more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*map(_shown, names[:SHOWN]), *more])


def _shown(name: str) -> str:
    return printable(name, most=SHOWN_NAME)
