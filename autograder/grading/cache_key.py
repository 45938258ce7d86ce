"""The cache key of a grade record: equal keys give equal records, apart from timings."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from functools import cache

from autograder import ROOT
from autograder.course import Course, Task
from autograder.intake.given import RELEASED
from autograder.intake.submission import Intake
from autograder.judging.score import versions

SOURCES = {
    "autograder": (
        *(f"autograder/{name}.py" for name in ("checks", "course", "experiments", "text")),
        *(f"autograder/{room}/**/*.py" for room in ("intake", "judging", "sandbox")),
        "autograder/grading/grading.py",
    ),
    "check files": ("tests/public/*.py", "tests/hidden/*.py"),
    "known mistakes": ("tests/wrong/*.py",),
    "reference": ("solution/rdlab/**/*.py",),
    "given files": (RELEASED,),
    "data": ("data/t10k-*", "data/classifier.safetensors"),
}
"""The files that a verdict depends on; Gradescope's archive is packed from these, too."""


def cache_inputs(course: Course, tier: str, tasks: Collection[str]) -> dict[str, str]:
    """Return all that a verdict depends on but the submission: course, code, versions, options.

    What is only shown, and what is applied to verdicts later, is not among it: titles, hints, the
    late policy, how submissions count.
    """
    decisive = [course.salt, course.limits, [_without_texts(task) for task in course.tasks]]
    used = [(task.id, task.function, task.experiment) for task in course.all_tasks]
    return {
        **{name: version for name, version in versions().items() if name != "checks"},
        **{name: _digest(patterns) for name, patterns in SOURCES.items()},
        "course.toml": hashlib.sha256(repr([decisive, used]).encode()).hexdigest(),
        "isolation": str(tier),
        "tasks": " ".join(sorted(tasks)) or "all",
    }


def _without_texts(task: Task) -> Task:
    checks = tuple(replace(check, title="", hint="") for check in task.checks)
    return replace(task, title="", checks=checks)


def cache_key(inputs: dict[str, str], intake: Intake) -> str:
    """Return a digest of the inputs and of one submission, the same for folder and archive."""
    submission = [intake.sha256, intake.left_out, intake.notes, intake.arrangement]
    text = json.dumps([inputs, submission], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _digest(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    files = {file for pattern in patterns for file in ROOT.glob(pattern) if file.is_file()}
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).digest()
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + content)
    return digest.hexdigest()
