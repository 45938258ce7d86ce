"""Grade the grader: right solutions must pass, wrong ones fail where they are wrong.

What must hold: the reference scores 100 %, the untouched stub 0, every known misconception fails
a check of its own task and of no other, every correct variant scores 100 %, every hostile
submission no more than its honest part, and generated mutants fail every check of their task.
"""

import ast
import os
import runpy
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from autograder import ROOT
from autograder.authoring.attacks import Watch, grade_attack
from autograder.course import Course
from autograder.grading.batch import Entry, grade_batches, in_slots
from autograder.grading.grading import Job, grade_class
from autograder.judging.diagnosis import defined_functions, misconceptions
from autograder.sandbox.sandbox import Tier

HOSTILE_CPU_S, HOSTILE_WALL_S = 2, 4
SWEEP_TASK, BYSTANDER_TASK = "1.6", "3.10"
"""Graded with attacks: the sweep where there are files, and a task that they leave alone."""
MUTANTS = {
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
        folder: the submission.
        tasks: the tasks that are graded; empty means all.
        wrong: the tasks that must lose points; None means all that are graded, whole.
    """

    kind: str
    name: str
    folder: Path
    tasks: frozenset[str]
    wrong: frozenset[str]

    @property
    def job(self) -> str:
        """The name of its record's folder."""
        return f"{self.kind}-{self.name}"


def make_cases(course: Course, scratch: Path) -> list[Case]:
    """Lay out every submission that is graded, below `scratch`."""
    functions = frozenset(task.id for task in course.tasks if task.name)
    quick = frozenset(task.id for task in course.tasks if task.name and not task.calls_often)
    everything = frozenset(task.id for task in course.tasks)
    solution, stub = ROOT / "solution", ROOT / "assignment"
    cases = [
        Case(
            "reference",
            "solution",
            _copy(solution, scratch / "solution", True),
            everything,
            frozenset(),
        ),
        Case("stub", "assignment", _copy(stub, scratch / "stub", False), everything, everything),
    ]
    for known in misconceptions():
        own, folder = frozenset([known.task]), scratch / "wrong" / known.name
        if known.task in functions:
            overlaid(solution, known.file, folder, course)
            graded = own | (quick & affected(known.file, course))
        else:
            _alter_runs(known.file, _copy(solution, folder, runs=True) / "runs")
            graded = own
        cases.append(Case("misconception", known.name, folder, graded, own))
    for file in sorted((ROOT / "tests" / "right").glob("*.py")):
        folder = overlaid(solution, file, scratch / "correct" / file.stem, course)
        graded = own_tasks(file, course) | (quick & affected(file, course))
        cases.append(Case("correct", file.stem, _built(file, folder), graded, frozenset()))
    for file in sorted((ROOT / "tests" / "attacks").glob("*/*.py")):
        name = f"{file.parent.name}_{file.stem}"
        folder = overlaid(stub, file, scratch / "hostile" / name, course)
        reached = own_tasks(file, course) | (quick & affected(file, course)) | {BYSTANDER_TASK}
        graded = reached | ({SWEEP_TASK} if _defines(file, "build") else set())
        path = _built(file, folder)
        cases.append(Case("hostile", name, path, graded, graded - _honest(file)))
    for name, change in MUTANTS.items():
        folder = _mutant(course, change, scratch / "mutant" / name)
        cases.append(Case("mutant", name, folder, functions, functions))
    return cases


def _honest(file: Path) -> frozenset[str]:
    """The tasks that an attack solves beside its attack: the list HONEST in its file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    honest = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "HONEST"
    ]
    return frozenset(ast.literal_eval(honest[0]))


def _built(file: Path, folder: Path) -> Path:
    """The submission as a file's own `build(folder)` makes it, if there is such a function.

    It turns a folder that holds the file into an archive, or adds files, and gives the path.
    """
    return runpy.run_path(str(file))["build"](folder) if _defines(file, "build") else folder


def _defines(file: Path, name: str) -> bool:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def _copy(source: Path, folder: Path, runs: bool) -> Path:
    shutil.copytree(source / "rdlab", folder / "rdlab", ignore=_ignored)
    if runs:
        shutil.copytree(source / "runs", folder / "runs")
    return folder


def _alter_runs(file: Path, runs: Path) -> None:
    """Apply a misconception of the sweep: its file changes a folder of finished runs."""
    runpy.run_path(str(file))["alter"](runs)


_ignored = shutil.ignore_patterns("__pycache__")


def overlaid(source: Path, file: Path, folder: Path, course: Course) -> Path:
    """A copy of a source tree in which a file's functions take the place of the tree's own."""
    _copy(source, folder, runs=False)
    shutil.copy(file, folder / "rdlab" / "overlay.py")
    for name, module in defined_functions(file, course).items():
        with open(folder / f"{module.replace('.', '/')}.py", "a", encoding="utf-8") as target:
            target.write(f"\nfrom rdlab.overlay import {name}  # noqa\n")
    return folder


def _mutant(course: Course, change: str, folder: Path) -> Path:
    """A solution in which every task function's answer is changed in the same way."""
    _copy(ROOT / "solution", folder, runs=False)
    for task in course.tasks:
        if task.name:
            path = folder / f"{task.module.replace('.', '/')}.py"
            with open(path, "a", encoding="utf-8") as target:
                target.write(_MUTATION.format(name=task.name, change=change))
    return folder


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
{name} = _mutate({name}, {change})
"""


def own_tasks(file: Path, course: Course) -> frozenset[str]:
    """Tasks whose functions a file defines."""
    names = defined_functions(file, course)
    return frozenset(task.id for task in course.tasks if task.name in names)


def affected(file: Path, course: Course) -> frozenset[str]:
    """Tasks that an overlay can touch: its own and all whose code reaches its functions."""
    touched = set(defined_functions(file, course))
    uses = _uses()
    grown = True
    while grown:
        users = {name for name, used in uses.items() if used & touched}
        grown = not users <= touched
        touched |= users
    return frozenset(task.id for task in course.tasks if task.name in touched)


@cache
def _uses() -> dict[str, set[str]]:
    """The names that each function or class of the solution mentions."""
    uses: dict[str, set[str]] = {}
    for path in sorted((ROOT / "solution" / "rdlab").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                uses[node.name] = uses.get(node.name, set()) | _mentioned(node)
    return uses


def _mentioned(node: ast.AST) -> set[str]:
    """Names read in a function, but for its own variables."""
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return {name.id for name in names} - own


def grade_cases(
    cases: list[Case], course: Course, out: Path, tier: Tier, processes: int, on_record
) -> Iterator[tuple[Case, dict, list[str]]]:
    """Grade all cases and say what is not as it must be, one sentence each.

    Reference and stub are graded as submissions are, known right and wrong solutions in batches,
    attacks one by one under short limits, since many of them never end.
    """
    whole = [case for case in cases if case.kind in ("reference", "stub")]
    jobs = [Job(case.folder, case.job, case.tasks) for case in whole]
    records = grade_class(jobs, out, course, tier, processes, on_record)
    shared = [case for case in cases if case.kind in ("misconception", "correct", "mutant")]
    entries = [Entry(Job(case.folder, case.job, case.tasks), course) for case in shared]
    records += grade_batches(entries, out, tier, processes, on_record) if entries else []
    for case, record in zip([*whole, *shared], records, strict=True):
        yield case, record, trouble(case, record)
    hostile = [case for case in cases if case.kind == "hostile"]
    yield from grade_attacks(hostile, course, out / "attacks", tier, processes, on_record)


def grade_attacks(
    cases: list[Case], course: Course, out: Path, tier: Tier, processes: int, on_record
) -> Iterator[tuple[Case, dict, list[str]]]:
    """Grade attacks, each in a sandbox of its own, and say what they gained."""
    limits = replace(course.limits, check_cpu_s=HOSTILE_CPU_S, check_wall_s=HOSTILE_WALL_S)
    limited, watch = replace(course, limits=limits), Watch.over(out)
    known = {case.job: case for case in cases}
    entries = [Entry(Job(case.folder, case.job, case.tasks), limited) for case in cases]
    calls = [(entry, watch, out, tier) for entry in entries]
    first = 100 + os.getpid() % 2000  # users that no other grader on this machine has
    for record, found in in_slots(grade_attack, calls, processes, first):
        on_record(record)
        case = known[record["student"]]
        yield case, record, trouble(case, record) + found


def grade_under_salts(
    course: Course, count: int, only: str, scratch: Path, tier: Tier, processes: int, on_record
) -> list[dict]:
    """Grade the reference under so many salts: tasks whose id begins with `only`.

    The sweep and the tasks that train, which take as long as all others together many times
    over, are graded under every tenth.
    """
    folder = _copy(ROOT / "solution", scratch / "solution", runs=True)
    everything = frozenset(task.id for task in course.tasks if task.id.startswith(only))
    slow = {task.id for task in course.tasks if task.calls_often or not task.name}
    quick = everything - slow or everything
    entries = []
    for number in range(count):
        job = Job(folder, f"salt-{number}", quick if number % 10 else everything)
        entries.append(Entry(job, replace(course, salt=f"{course.salt}/{number}")))
    return grade_batches(entries, scratch / "out", tier, processes, on_record)


def lost_checks(record: dict) -> list[str]:
    """The checks of a record that did not pass, with what they say."""
    if record["status"] != "graded":
        return [f"{record['status']}: {record['reason']}"]
    checks = [check for task in record["tasks"] for check in task["checks"]]
    lost = [check for check in checks if check["status"] != "passed"]
    return [f"{check['name']}: {check['message'][:200]}" for check in lost]


def trouble(case: Case, record: dict) -> list[str]:
    """What a record says that it must not, one sentence each."""
    if case.kind == "hostile" and record["status"] == "refused":
        return []
    if record["status"] != "graded":
        return [f"{record['status']}: {record['reason']}"]
    told = _told(record) if case.kind in ("reference", "correct") else []
    return [*_misjudged(case, record), *told]


def _told(record: dict) -> list[str]:
    """The mistakes that a record's feedback names; in a right solution there are none."""
    checks = (check for task in record["tasks"] for check in task["checks"])
    return [f"is told: {check['diagnosis']}" for check in checks if check["diagnosis"]]


def _misjudged(case: Case, record: dict) -> Iterator[str]:
    for task in record["tasks"]:
        if task["id"] not in case.tasks:
            continue
        lost = [check["name"] for check in task["checks"] if check["status"] != "passed"]
        kept = [check["name"] for check in task["checks"] if check["status"] == "passed"]
        if task["id"] not in case.wrong and lost:
            yield f"task {task['id']} lost {', '.join(lost)} ({_first_message(task)})"
        elif task["id"] in case.wrong and case.kind == "misconception" and not lost:
            yield f"task {task['id']} did not notice"
        elif task["id"] in case.wrong and case.kind != "misconception" and kept:
            yield f"task {task['id']} gave points for {', '.join(kept)}"


def _first_message(task: dict) -> str:
    return next(c["message"] for c in task["checks"] if c["status"] != "passed")[:200]


def diagnosed(record: dict, sentence: str) -> bool:
    """Whether a record's feedback names this very misconception."""
    checks: Iterable[dict] = (check for task in record["tasks"] for check in task["checks"])
    return any(check["diagnosis"] == sentence for check in checks)
