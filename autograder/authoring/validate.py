"""Try the checks: right solutions must pass, wrong ones fail where they are wrong.

What must hold: the reference scores 100 %, the untouched stub 0, every known wrong solution fails
a check of its own task and of no other, for its own reason; every right solution scores 100 %,
every attack no more than its honest part, and spoiled answers fail every check of their task.
"""

import ast
import os
import runpy
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from autograder import ROOT
from autograder.authoring.attacks import Watch, grade_attack
from autograder.authoring.release import release
from autograder.authoring.wrong_solutions import (
    WrongSolution,
    form_troubles,
    overlay,
    wrong_solutions,
)
from autograder.course import Course, CourseError, Task
from autograder.experiments import experiments
from autograder.grading.batch import Entry, TakeIn, grade_batches, in_slots, linked, made
from autograder.grading.grading import grade_class
from autograder.grading.job import Job
from autograder.intake.submission import collect
from autograder.judging.diagnosis import wrong_versions
from autograder.judging.record import (
    BROKE_OFF,
    CheckRecord,
    CheckStatus,
    Record,
    RecordStatus,
)
from autograder.sandbox.sandbox import Tier
from autograder.sandbox.zygote import zygote

LATER = 4
HOSTILE_CPU_S, HOSTILE_WALL_S = 2, 4
BYSTANDER_TASK = "3.10"
"""Graded with attacks: a task that they leave alone."""
DIAGNOSED = 701
"""How many mistakes are told their own sentence, at least. Raise it where more are; lower it only
for a reason that stands beside it: each one less is a mistake that students are not told about.

Counted: 702 and 703, of 819, on different processors. Those of task 3.7 and of experiments are not
among them: what a training gives is not compared with the outcomes of known mistakes.
"""
SPOILED = {
    "nan": "lambda value: value * float('nan')",
    "wrong_shape": "lambda value: torch.zeros(2, 3, 5, dtype=torch.float64)",
    "constant": "lambda value: value * 0 + 3",
}


@dataclass(frozen=True)
class Case:
    """A submission made from solution or stub and one overlay, and what is expected of it.

    Args:
        kind: group in the report.
        name: of the overlay file.
        path: the submission, or what it is made from.
        tasks: the tasks that are graded; empty means all.
        wrong: the tasks that must lose points.
        known: what a wrong solution is made from.
        form: what is not as it must be in its file.
        take_in: how a batch lays it out.
    """

    kind: str
    name: str
    path: Path
    tasks: frozenset[str]
    wrong: frozenset[str]
    known: WrongSolution | None = None
    form: tuple[str, ...] = ()
    take_in: TakeIn = linked

    @property
    def job(self) -> str:
        """The name of its record's folder."""
        return f"{self.kind}-{self.name}".replace("/", "-")

    def entry(self, course: Course) -> Entry:
        """Return what a batch grades of it."""
        return Entry(Job(self.path, self.job, self.tasks), course, self.take_in)


Graded = tuple[Case, Record, list[str]]
"""A case, its record, and what is not as it must be, one sentence each."""
OnRecord = Callable[[Record], None]


Wanted = Callable[[str, str], bool]
"""Whether a case of this kind and name is to be laid out."""


def make_cases(
    course: Course,
    scratch: Path,
    wanted: Wanted = lambda kind, name: True,
    thorough: bool = True,
) -> list[Case]:
    """Lay out every submission that is graded and wanted, below `scratch`.

    Args:
        course: with every part on, so that none can rot.
        wanted: tells by kind and name what is laid out.
        thorough: grade each wrong solution in all later tasks that use its function, not in one of
            LATER.
    """
    wrong = partial(_wrong_cases, later=1 if thorough else LATER)
    makers = (_whole_cases, wrong, _right_cases, _attack_cases, _spoiled_cases)
    return [case for make in makers for case in make(course, scratch, wanted)]


def _quick(course: Course) -> frozenset[str]:
    """Return the tasks that ask for a function, but for one that calls earlier ones often."""
    return frozenset(task.id for task in course.tasks if task.name and not task.trust_when_passed)


def _reached(file: Path, course: Course) -> frozenset[str]:
    """Return the tasks of an overlay: its own, and quick ones that it may touch."""
    return own_tasks(file, course) | (_quick(course) & affected(file, course))


def _graded(file: Path, course: Course) -> frozenset[str]:
    """Return the tasks to grade of a solution that is right, or wrong, in what an overlay defines.

    Where a task of its own calls earlier ones often, these are graded, too: once they have passed,
    the submission's own functions answer, and the reference need not, thousands of times.
    """
    own = own_tasks(file, course)
    trusting = [task for task in course.tasks if task.id in own and task.trust_when_passed]
    return _reached(file, course).union(*(task.uses for task in trusting))


def _users_of(file: Path, course: Course) -> list[str]:
    """Return the quick tasks that use what an overlay defines."""
    return sorted(_reached(file, course) - own_tasks(file, course))


def _not_now(users: list[str], turn: int, later: int) -> set[str]:
    """Return the tasks that only use what is wrong, but for one of `later`, by turns.

    In a later task the reference answers for what is wrong, whatever is wrong with it. So each of
    them is graded beside some wrong solutions of each function, and need not be beside all.
    """
    return {task for place, task in enumerate(users) if (place + turn) % later}


def _stub(course: Course, scratch: Path) -> Path:
    """Release the assignment as students get it, once, and return its folder."""
    stub = scratch / "assignment"
    if not stub.exists():
        release(ROOT, course, stub)
    return stub


def _original(scratch: Path) -> Path:
    """Copy the solution without its runs, once, and return its folder."""
    original = scratch / "original"
    return original if original.exists() else _copy(ROOT / "solution", original, runs=False)


def _whole_cases(course: Course, scratch: Path, wanted: Wanted) -> Iterator[Case]:
    """Lay out the solution and the assignment as students get it."""
    everything = frozenset(task.id for task in course.tasks)
    if wanted("reference", "solution"):
        folder = _copy(ROOT / "solution", scratch / "solution", True)
        yield Case("reference", "solution", folder, everything, frozenset())
    if wanted("stub", "assignment"):
        folder = _copy(_stub(course, scratch), scratch / "stub", False)
        yield Case("stub", "assignment", folder, everything, everything)


def _right_cases(course: Course, scratch: Path, wanted: Wanted) -> Iterator[Case]:
    """Lay out the correct variants of the solution."""
    for file in sorted((ROOT / "tests" / "right").glob("*.py")):
        if wanted("right", file.stem):
            folder = scratch / "right" / file.stem
            path = _built(file, _original(scratch), folder, course)
            graded = _graded(file, course)
            yield Case("right", file.stem, path, graded, frozenset(), take_in=collect)


def _attack_cases(course: Course, scratch: Path, wanted: Wanted) -> Iterator[Case]:
    """Lay out the attacks: the assignment with each of them in it."""
    experimental = frozenset(task.id for task in course.tasks if task.experiment)
    files = sorted((ROOT / "tests" / "attacks").glob("*/*.py"))
    for file in reversed(files):  # the long ones of wire/ and resource/ before those of archive/
        name = f"{file.parent.name}/{file.stem}"
        if not wanted("attack", name):
            continue
        path = _built(file, _stub(course, scratch), scratch / "attacks" / name, course)
        graded = _reached(file, course) | {BYSTANDER_TASK}
        graded |= experimental if "build" in _names(file) else set()
        wrong = graded - _honest(file)
        yield Case("attack", name, path, graded, wrong, take_in=collect)


def _spoiled_cases(course: Course, scratch: Path, wanted: Wanted) -> Iterator[Case]:
    """Lay out the solution with every answer changed in the same way."""
    functions = frozenset(task.id for task in course.tasks if task.name)
    for name, change in SPOILED.items():
        if wanted("spoiled", name):
            folder = _spoiled(course, change, scratch / "spoiled" / name)
            yield Case("spoiled", name, folder, functions, functions)


def _wrong_cases(course: Course, scratch: Path, wanted: Wanted, later: int) -> Iterator[Case]:
    """Make the known wrong solutions: the reference with one function replaced.

    Each is graded in its own task and in one of `later` others that use its function, in turns.
    Batches lay them out as they come: all at once are a hundred thousand files.
    """
    solutions, original = wrong_solutions(), _original(scratch)
    functions = {task.written for task in course.tasks if task.name}
    troubles = form_troubles(solutions, course)
    for turn, known in enumerate(solutions):
        kind = "mistake" if known.told else "mutant"
        if not wanted(kind, known.case):
            continue
        own = graded = frozenset([known.task])
        file = known.file
        make: Callable[[Path], object] = partial(_altered, known.function, known.name)
        if known.function in functions:
            file = _written(overlay(known), scratch / "overlays" / f"{known.case}.py")
            graded |= _graded(file, course) - _not_now(_users_of(file, course), turn, later)
            make = partial(overlaid, original, file, course=course, copy=os.link)
        form, take_in = tuple(troubles.get(known.case, ())), partial(made, make)
        yield Case(kind, known.case, file, graded, own, known, form, take_in)


def _written(text: str, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _honest(file: Path) -> frozenset[str]:
    """Return the tasks that an attack solves beside its attack: the list HONEST in its file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    honest = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "HONEST"
    ]
    return frozenset(ast.literal_eval(honest[0]))


def _built(file: Path, source: Path, folder: Path, course: Course) -> Path:
    """Lay out a source tree with an overlay; return the submission.

    If the overlay has a function `build(folder)`, that changes the folder, or turns it into an
    archive, and gives the path.
    """
    if "build" not in _names(file):
        return overlaid(source, file, folder, course, copy=os.link)
    return runpy.run_path(str(file))["build"](overlaid(source, file, folder, course))


def _copy(
    source: Path, folder: Path, runs: bool, copy: Callable[[str, str], object] = shutil.copy2
) -> Path:
    shutil.copytree(source / "rdlab", folder / "rdlab", ignore=_ignored, copy_function=copy)
    for experiment in experiments().values():
        if runs and (source / experiment.folder).is_dir():
            shutil.copytree(source / experiment.folder, folder / experiment.folder)
    return folder


def _altered(experiment: str, mistake: str, folder: Path) -> None:
    """Lay out the solution with a mistake of an experiment, which changes finished runs."""
    _copy(ROOT / "solution", folder, runs=True)
    version = next(each for each in wrong_versions(experiment) if each.name == mistake)
    version.solution(folder / experiments()[experiment].folder)


_ignored = shutil.ignore_patterns("__pycache__")


def overlaid(
    source: Path,
    file: Path,
    folder: Path,
    course: Course,
    copy: Callable[[str, str], object] = shutil.copy2,
) -> Path:
    """Copy a source tree, with a file's functions in place of the tree's own; return `folder`.

    Args:
        copy: os.link is much faster, for a folder that nobody changes afterwards.
    """
    _copy(source, folder, runs=False, copy=copy)
    shutil.copy(file, folder / "rdlab" / "overlay.py")
    for name, module in defined_functions(file, course).items():
        _append(folder, module, f"\nfrom rdlab.overlay import {name}  # noqa\n")
    return folder


def _append(folder: Path, module: str, text: str) -> None:
    """Add to a module in a folder; what it may be a link to stays as it is."""
    path = folder / f"{module.replace('.', '/')}.py"
    whole = path.read_text(encoding="utf-8") + text
    path.unlink()
    path.write_text(whole, encoding="utf-8")


def _spoiled(course: Course, change: str, folder: Path) -> Path:
    """Write a solution in which every task function's answer is changed in the same way.

    That of one which trains is not computed first: it would take longer than all others together.
    """

    def mutation(task: Task) -> str:
        honest = "lambda *args, **kwargs: torch.zeros(())" if task.trust_when_passed else task.name
        return _MUTATION.format(name=task.name, honest=honest, change=change)

    copy_solution(folder)
    append_to_modules(course, folder, mutation)
    return folder


def copy_solution(folder: Path) -> Path:
    """Copy the solution's modules, without its runs, into a new folder; return it."""
    return _copy(ROOT / "solution", folder, runs=False)


def append_to_modules(course: Course, folder: Path, text: Callable[[Task], str]) -> None:
    """Append a text to the module of each task function in a folder."""
    for task in course.tasks:
        if task.name:
            _append(folder, task.module, text(task))


_MUTATION = """

def _mutate(function, change):
    import torch
    def each(value):
        if isinstance(value, (tuple, list)):
            return tuple(map(each, value))
        if isinstance(value, torch.Tensor) and not value.is_floating_point():
            value = value.double()
        return change(value)
    globals()["torch"] = torch
    return lambda *args, **kwargs: each(function(*args, **kwargs))
{name} = _mutate({honest}, {change})
"""


def defined_functions(file: Path, course: Course) -> dict[str, str]:
    """Return what tasks ask for that a file defines: function or class → the module of its task."""
    places = {task.written: task.module for task in course.tasks if task.name}
    return {name: places[name] for name in _names(file) if name in places}


@cache
def _names(file: Path) -> tuple[str | None, ...]:
    """Return the names that a file, which nobody changes, defines at its top level."""
    return tuple(_name(node) for node in ast.parse(file.read_text(encoding="utf-8")).body)


def _name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def own_tasks(file: Path, course: Course) -> frozenset[str]:
    """Return the tasks whose functions a file defines."""
    names = defined_functions(file, course)
    return frozenset(task.id for task in course.tasks if task.written in names)


def affected(file: Path, course: Course) -> frozenset[str]:
    """Return the tasks that an overlay can touch: its own and all whose code reaches them."""
    touched = set().union(*map(_users, defined_functions(file, course)))
    return frozenset(task.id for task in course.tasks if task.name in touched)


@cache
def _users(name: str) -> frozenset[str]:
    """Return a function and all whose code reaches it."""
    touched, grown = {name}, True
    while grown:
        users = {user for user, used in _uses().items() if used & touched}
        grown = not users <= touched
        touched |= users
    return frozenset(touched)


@cache
def _uses() -> dict[str, set[str]]:
    """Return the names that each function or class of the solution mentions."""
    uses: dict[str, set[str]] = {}
    for path in sorted((ROOT / "solution" / "rdlab").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                uses[node.name] = uses.get(node.name, set()) | _mentioned(node)
    return uses


def _mentioned(node: ast.AST) -> set[str]:
    """Return the names read in a function, but for its own variables."""
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return {name.id for name in names} - own


def grade_cases(
    cases: list[Case], course: Course, out: Path, tier: Tier, processes: int, on_record: OnRecord
) -> Iterator[Graded]:
    """Grade all cases and say what is not as it must be, one sentence each.

    Reference and stub are graded as submissions are, known right and wrong solutions in batches,
    attacks one by one under short limits, since many of them never end.
    """
    with zygote(tier):
        whole = [case for case in cases if case.kind in ("reference", "stub")]
        jobs = [Job(case.path, case.job, case.tasks) for case in whole]
        records = grade_class(jobs, out, course, tier, processes, on_record)
        shared = [case for case in cases if case.kind in ("mistake", "mutant", "right", "spoiled")]
        entries = [case.entry(course) for case in shared]
        records += grade_batches(entries, out, tier, processes, on_record) if entries else []
        for case, record in zip([*whole, *shared], records, strict=True):
            yield case, record, trouble(case, record)
        attacks = [case for case in cases if case.kind == "attack"]
        yield from grade_attacks(attacks, course, out / "attacks", tier, processes, on_record)


def grade_attacks(
    cases: list[Case], course: Course, out: Path, tier: Tier, processes: int, on_record: OnRecord
) -> Iterator[Graded]:
    """Grade attacks, each in a sandbox of its own, and say what they gained."""
    limits = replace(course.limits, check_cpu_s=HOSTILE_CPU_S, check_wall_s=HOSTILE_WALL_S)
    limited, watch = replace(course, limits=limits), Watch.over(out)
    known = {case.job: case for case in cases}
    entries = [case.entry(limited) for case in cases]
    calls = [(entry, watch, out, tier) for entry in entries]
    first = 100 + os.getpid() % 2000  # users that no other autograder on this machine has
    at_once = 2 * processes  # many of them only wait until they are stopped
    with zygote(tier):
        for record, found in in_slots(grade_attack, calls, at_once, first):
            on_record(record)
            case = known[record.student]
            yield case, record, trouble(case, record) + found


def grade_under_salts(
    course: Course,
    count: int,
    only: str,
    scratch: Path,
    tier: Tier,
    processes: int,
    on_record: OnRecord,
) -> list[Record]:
    """Grade the reference under so many salts: tasks whose id begins with `only`.

    The sweep and the tasks that train, which take as long as all others together many times
    over, are graded under every tenth.

    Raises:
        CourseError: no task's id begins with `only`.
    """
    everything = frozenset(task.id for task in course.tasks if task.id.startswith(only))
    if not everything:
        raise CourseError(f"no task's id begins with {only!r}: give one, such as ONLY=1.2")
    folder = _copy(ROOT / "solution", scratch / "solution", runs=True)
    slow = {task.id for task in course.tasks if task.trust_when_passed or not task.name}
    quick = everything - slow or everything
    entries = []
    for number in range(count):
        job = Job(folder, f"salt-{number}", quick if number % 10 else everything)
        entries.append(Entry(job, replace(course, salt=f"{course.salt}/{number}"), linked))
    return grade_batches(entries, scratch / "out", tier, processes, on_record)


def lost_checks(record: Record) -> list[str]:
    """Return the checks of a record that did not pass, with what they say."""
    if record.status is not RecordStatus.GRADED:
        return [f"{record.status}: {record.reason}"]
    return [f"{check.name}: {check.message[:200]}" for check in _lost(record.checks())]


def trouble(case: Case, record: Record) -> list[str]:
    """Return what a record, or the case itself, says that it must not, one sentence each."""
    if case.kind == "attack" and record.status is RecordStatus.REFUSED:
        return []
    if record.status is not RecordStatus.GRADED:
        return [f"{record.status}: {record.reason}"]
    return [
        *case.form,
        *_misjudged(case, record),
        *_crashes(case, record),
        *_mistold(case, record),
    ]


def _crashes(case: Case, record: Record) -> Iterator[str]:
    """Report a wrong solution that only raises: it shows nothing about the checks."""
    if case.known is None:
        return
    tasks = [task for task in record.tasks if task.id in case.wrong]
    checks = [check for task in tasks for check in _lost(task.checks)]
    raised = [check for check in checks if check.cause in BROKE_OFF]
    if checks and len(raised) == len(checks) and not case.known.raises:
        yield f"does nothing but raise ({raised[0].message[:200]}): it is no mistake any more"
    if not raised and case.known.raises:
        yield "is marked raises=True and does not raise"


def _lost(checks: Iterable[CheckRecord]) -> list[CheckRecord]:
    return [check for check in checks if check.status is not CheckStatus.PASSED]


def _mistold(case: Case, record: Record) -> list[str]:
    """List the diagnoses that are not true of a case: all of them, but for a mistake's own."""
    if case.kind not in ("reference", "right", "mistake", "mutant"):
        return []
    own = case.known.sentence if case.known and case.known.told else ""
    told = dict.fromkeys(check.diagnosis for check in record.checks())
    return [f"is told: {sentence}" for sentence in told if sentence not in ("", own)]


def _misjudged(case: Case, record: Record) -> Iterator[str]:
    for task in record.tasks:
        if task.id not in case.tasks:
            continue
        lost = _lost(task.checks)
        names = ", ".join(check.name for check in lost)
        kept = [check.name for check in task.checks if check not in lost]
        if task.id not in case.wrong and lost:
            yield f"task {task.id} lost {names} ({lost[0].message[:200]})"
        elif task.id in case.wrong and case.known and not lost:
            yield f"task {task.id} did not notice"
        elif task.id in case.wrong and not case.known and kept:
            yield f"task {task.id} gave points for {', '.join(kept)}"


def is_diagnosed(case: Case, record: Record) -> bool:
    """Return whether a mistake is told its own sentence."""
    sentence = case.known.sentence if case.known and case.known.told else ""
    return bool(sentence) and any(check.diagnosis == sentence for check in record.checks())


def too_few_diagnosed(number: int) -> list[str]:
    """Say if fewer mistakes are told their own sentence than there were."""
    if number >= DIAGNOSED:
        return []
    return [f"{number} mistakes are told their own sentence, there were {DIAGNOSED}"]
