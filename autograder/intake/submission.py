"""A submission, folder or archive, into a safe copy of what the course asks for.

What students hand in is read by a child (`reading`) with limits of CPU, memory and time, once per
submission. Whatever becomes of that child, the submission is refused, and the class goes on.
"""

import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from autograder import ROOT, typed_json
from autograder.course import Limits
from autograder.intake.modules import Kept

READING = Path(__file__).with_name("reading.py")
CPU_SECONDS, MEMORY, SECONDS = 20, 1 << 30, 300
"""Of the child. It takes a second at most for what students hand in; the clock is generous, since
machines are shared."""
BLAMELESS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that come from outside, such as from a machine that is out of memory."""

MOODLE_NAME = re.compile(r"(.+_\d+)_assignsubmission_(?:[a-z]+_?)?(?P<own>.*)")
"""As Moodle names what "Download all submissions" packs: name and participant's number first."""
MOODLE_TEXT = "_assignsubmission_onlinetext"
"""In the name of what a student typed into Moodle beside handing in files."""
CANVAS_NAME = re.compile(r"(?P<name>\w+?)_(?:LATE_)?(?P<id>\d{2,})_(?P<file>\d{3,})_(?P<own>.*)")
"""As Canvas names what "Download Submissions" packs: name, user, attachment, the student's file."""

ARCHIVES = (".zip", ".tar.gz", ".tgz")
OTHER_ARCHIVES = (".tar", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".7z", ".rar")
LOOSE = (".py", ".ipynb")
REQUESTS = "regrade-requests"
"""The folder of the instructor beside the submissions that holds what students ask for."""
MARKS = "report-marks"
"""The folder beside the submissions that holds the rubric of the report and marks."""
FLAT = 3
"""A folder with that many modules of tasks is a submission and no class."""


SKIPPED = (".", "__MACOSX", REQUESTS, MARKS)
"""What begins like this in a class folder is nobody's submission."""


class IntakeError(Exception):
    """A submission is refused; the message is one sentence naming it and the remedy."""


@dataclass(frozen=True)
class Intake:
    """What was taken in."""

    student: str
    """From the name of the folder or archive, safe as a file name; may collide with others."""
    sha256: str
    """Of the sorted relative paths and contents: the same for folder, .zip and .tar.gz."""
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    """One sentence each on files that Python will not be able to read."""
    arrangement: str = ""
    """What was taken for what; empty where all lies as the handout asks for."""
    kept: Kept = field(default_factory=Kept)
    missing: tuple[str, ...] = ()
    """Modules of task functions that were not handed in: see `given.supply`."""
    changed: tuple[str, ...] = ()
    """Given files that differ from the course's own, which took their place."""


def collect(path: Path, destination: Path, limits: Limits) -> Intake:
    """Copy the allowed files of a submission into `destination`, a new or empty folder.

    Raises:
        IntakeError: the submission is refused; `destination` may then hold a part of it.
        OSError: it could not be read or copied, by no fault of its own; a PermissionError where
            this process may not.
    """
    if not os.path.exists(path):
        raise IntakeError(f"{path} does not exist: check the path")
    order = json.dumps([str(path), str(destination), asdict(limits)])
    command = [sys.executable, "-P", str(READING), order]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired as expired:
        raise _too_slow(path, _last(expired.stdout), f"{SECONDS} seconds") from None
    answer = _last(done.stdout)
    if "taken" in answer:
        return typed_json.from_json(Intake, answer["taken"])
    if "refused" in answer:
        raise IntakeError(answer["refused"])
    if "fault" in answer:
        raise OSError(*answer["fault"])
    raise _ended(path, answer, -done.returncode)


def _last(output: bytes | None) -> dict:
    """Return the last whole line that the child wrote: its answer, or which file it was reading."""
    for line in reversed((output or b"").splitlines()):
        with suppress(ValueError, TypeError):  # killed as it wrote
            return dict(json.loads(line))
    return {}


def _ended(path: Path, answer: dict, number: int) -> Exception:
    """Return why the child ended without an answer: by the machine's fault or the submission's."""
    if number == signal.SIGXCPU:
        return _too_slow(path, answer, f"{CPU_SECONDS} CPU seconds")
    if number <= 0 or number in BLAMELESS:
        return OSError(f"{path} could not be taken in: the process that read it was ended")
    what = answer.get("reading", "it")
    return IntakeError(f"{path}: {what} makes its reader crash: simplify it, or pack it again")


def _too_slow(path: Path, answer: dict, seconds: str) -> IntakeError:
    what = answer.get("reading", "it")
    return IntakeError(
        f"{path}: {what} takes more than {seconds} to read: simplify or leave it out"
    )


def modified(path: Path) -> float | None:
    """Return the time of a folder or archive itself, in seconds since 1970; None for none."""
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return None


def find_submissions(folder: Path) -> list[Path]:
    """Return the submissions in a class folder, sorted; a submission itself is its only one.

    Archives of a kind that `collect` refuses are included, so that nobody is passed over. Loose
    files as Canvas and Moodle name them, and texts typed into Moodle, are included where their
    student has nothing else: one of them, which stands for all (`loose_files`).

    Raises:
        IntakeError: there is none.
    """
    if is_submission_itself(folder):
        return [folder]
    entries = _visible(folder)
    found = [entry for entry in entries if _is_submission(entry)]
    students = {given_name(entry).casefold() for entry in found}
    for entry in entries:
        student = given_name(entry).casefold()
        if student not in students and (_is_loose(entry) or _is_typed(entry)):
            students.add(student)
            found.append(entry)
    if not found:
        raise IntakeError(
            f"{folder} holds no submission: put one folder, .zip or .tar.gz per student in it"
        )
    return sorted(found)


def is_submission_itself(folder: Path) -> bool:
    """Return whether this is a single submission and no folder of them."""
    if folder.is_file() or (folder / "rdlab").is_dir():
        return True
    return sum((folder / name).is_file() for name in task_files()) >= FLAT


@cache
def task_files() -> frozenset[str]:
    """Return the names of the released modules of tasks, such as gaussian.py."""
    released = (ROOT / "assignment" / "rdlab").glob("*.py")
    return frozenset(file.name for file in released if not file.name.startswith("__"))


def ignored_entries(folder: Path) -> list[Path]:
    """Return a class folder's entries that are not graded: a README, a list of names, links."""
    if is_submission_itself(folder):
        return []
    graded = {file for entry in find_submissions(folder) for file in loose_files(entry)}
    return [entry for entry in _visible(folder) if entry not in graded]


def loose_files(path: Path) -> list[Path]:
    """Return the loose files that one of them stands for, sorted: all of its student's beside it.

    Of anything else than such a file, that alone.
    """
    if not _is_loose(path):
        return [path]
    student = given_name(path)
    beside = [entry for entry in path.parent.iterdir() if _is_loose(entry)]
    return sorted(entry for entry in beside if given_name(entry) == student)


def _visible(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise IntakeError(f"{folder} cannot be read ({error.strerror}): check the path") from None
    return [each for each in entries if not each.name.startswith(SKIPPED)]


def _is_submission(entry: Path) -> bool:
    if entry.is_symlink() or _is_typed(entry):
        return False
    return entry.is_dir() or entry.name.lower().endswith(ARCHIVES + OTHER_ARCHIVES)


def _is_typed(entry: Path) -> bool:
    return MOODLE_TEXT in entry.name and entry.is_dir() and not entry.is_symlink()


def _is_loose(entry: Path) -> bool:
    """Return whether this is a student's file as Canvas or Moodle name it, and no archive."""
    if entry.is_symlink() or not entry.name.lower().endswith(LOOSE) or not entry.is_file():
        return False
    return delivered(entry.name) is not None


def delivered(name: str) -> re.Match[str] | None:
    """Match a name as Moodle or Canvas give it; its group "own" is the student's own file name."""
    return MOODLE_NAME.fullmatch(name) or CANVAS_NAME.fullmatch(name)


def student_name(path: Path) -> str:
    """Return a readable name, safe as a file name, from the name of the folder or archive.

    Of the names that Canvas and Moodle give, the student's name and number are kept.
    """
    return safe_name(given_name(path))


def given_name(path: Path) -> str:
    """Return the student's name as the folder or archive has it, not yet safe as a file name."""
    name = without_suffix(path)
    if named := MOODLE_NAME.fullmatch(name):
        return named[1]
    if named := CANVAS_NAME.fullmatch(name):
        return f"{named['name']}_{named['id']}"
    return name


def without_suffix(path: Path) -> str:
    """Return the name of a folder or archive, composed (NFC), without the suffixes of packing."""
    name = unicodedata.normalize("NFC", Path(os.path.abspath(path)).name)
    for suffix in ARCHIVES:
        if path.is_file() and name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name


def safe_name(name: str) -> str:
    """Return a student's name as it may be a file's; "submission" where nothing of it is left."""
    name = re.sub(r"[^\w .,@+()'-]", "_", name).strip(" .")
    return name[:80].strip(" .") or "submission"
