"""A class of any size with made records: its archives, records and what is kept beside them.

Usage: made_class.py COUNT CLASS_FOLDER OUT_FOLDER
"""

import random
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

from autograder import ROOT
from autograder.course import Course, Task, load_course
from autograder.intake.lexing import lexed_lines
from autograder.intake.modules import Kept, Module, write_kept
from autograder.judging.record import (
    Cause,
    Isolation,
    Record,
    RecordStatus,
    Submission,
    TaskRecord,
    TaskStatus,
    write_record,
)
from autograder.judging.score import with_tasks
from tests.autograder.records import make_check, make_record

FIRST = ("Ada", "Blaise", "Carl", "Dorothea", "Emmy", "Felix", "Grace", "Hal", "Ida", "Jørgen")
LAST = ("Lovelace", "Pascal", "Gauß", "Erxleben", "Noether", "Klein", "Hopper", "Abelson", "Rhodes")


def made_class(count: int, folder: Path, out: Path, course: Course, seed: str = "class") -> None:
    """Write `count` archives into `folder` and their records into `out`."""
    folder.mkdir(parents=True, exist_ok=True)
    for record, kept in made_records(count, course, seed):
        archive = folder / Path(record.submission.path).name
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, module in kept.modules.items():
                packed.writestr(name, module.text)
        path = str(archive.absolute())
        record = replace(record, submission=replace(record.submission, path=path))
        (out / record.student).mkdir(parents=True)
        write_kept(out / record.student, record.submission.sha256, kept)
        write_record(record, out)


def made_records(count: int, course: Course, seed: str = "class") -> list[tuple[Record, Kept]]:
    """Records as a class gives them: the abler a student, the more checks are passed."""
    rng = random.Random(seed)
    modules = {
        f"rdlab/{path.name}": _module(path)
        for path in sorted((ROOT / "solution/rdlab").glob("*.py"))
        if (ROOT / "assignment/rdlab" / path.name).is_file() and not path.name.startswith("__")
    }
    return [_made(number, course, modules, rng) for number in range(count)]


def _module(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(text, lexed_lines(text))


def _made(
    number: int, course: Course, modules: dict[str, Module], rng: random.Random
) -> tuple[Record, Kept]:
    student = f"{rng.choice(FIRST)} {rng.choice(LAST)}_{900 + number}"
    ability = rng.gauss(1, 1)
    tasks = [_task(task, ability, rng) for task in course.tasks]
    blank = make_record(
        student=student,
        submission=Submission(f"/class/{student}.zip", f"{number:064x}", len(modules)),
        course=course.title,
        points=course.points,
        isolation=Isolation("bubblewrap"),
        incidents=(),
        versions={"checks": "one"},
    )
    if rng.random() < 0.02:
        reason = f"/class/{student}.zip holds work.rar: hand in a .zip"
        return replace(blank, status=RecordStatus.REFUSED, reason=reason), Kept()
    kept = {name: _varied(module, rng) for name, module in modules.items()}
    return with_tasks(blank, tasks, course), Kept(1_790_000_000.0 + number, kept)


def _task(task: Task, ability: float, rng: random.Random) -> TaskRecord:
    started = rng.gauss(ability, 1) > -1
    checks = []
    for place, check in enumerate(task.checks):
        passed = started and rng.gauss(ability - place / 3, 1) > 0
        more = {} if passed else {"cause": Cause.MISMATCH if started else Cause.NOT_STARTED}
        if started and not passed and rng.random() < 0.3:
            more["diagnosis"] = f"A known mistake in task {task.id}, number {place}."
        if started and not passed and rng.random() < 0.03:
            more["cause"] = Cause.CPU
        checks.append(
            make_check(
                check.name,
                check.visibility,
                "passed" if passed else "failed",
                check.points,
                title=check.title,
                hint=check.hint,
                **more,
            )
        )
    score = sum(check.earned for check in checks)
    whole = score == sum(check.points for check in checks)
    status = "passed" if whole else "failed" if started else "not started"
    return TaskRecord(task.id, task.title, task.points, score, TaskStatus(status), tuple(checks))


def _varied(module: Module, rng: random.Random) -> Module:
    """A solution in another hand: with some lines of its own."""
    text, lines = module.text.splitlines(), list(module.lines)
    for _ in range(2):
        place, numbers = rng.randrange(len(lines)), [rng.random() for _ in range(3)]
        text.insert(place, f"own = {numbers}")
        lines.insert(place, f"own = {numbers}")
    return Module("\n".join(text), tuple(lines))


if __name__ == "__main__":
    count, folder, out = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    made_class(count, folder, out, load_course(ROOT / "course.toml"))
